/** The header `grpc-timeout`: up to eight digits and a unit, as gRPC over HTTP/2 has it. */

const msOfUnit: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds; NaN for what is not a timeout. */
export function parseTimeoutMs(text: string): number {
  const unitMs = msOfUnit[text.at(-1) ?? ''];
  if (unitMs === undefined || text.length > 9) return Number.NaN;
  let amount = 0;
  for (let at = 0; at < text.length - 1; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    amount = amount * 10 + digit;
  }
  return text.length > 1 ? amount * unitMs : Number.NaN;
}
