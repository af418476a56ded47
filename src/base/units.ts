/**
 * Durations and sizes as people write them: `1h30m`, `64mb`. Strict, because a
 * misread unit is worse than a refusal: parse functions answer undefined for
 * anything that is not exactly of the form.
 */

const msOfUnit = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * Milliseconds of a duration: one or more numbers with a unit, largest unit first
 * (`1h30m`, `90s`, `1.5h`, `250ms`), or a bare number of seconds.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let totalMs = 0;
  let lastUnitMs = Number.POSITIVE_INFINITY;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    const unitMs = msOfUnit.get(unit ?? '') ?? 0;
    if (unitMs >= lastUnitMs) return undefined;
    lastUnitMs = unitMs;
    totalMs += Number(amount) * unitMs;
  }
  return totalMs;
}

/** A duration as parseDuration reads it, in whole milliseconds: `1h30m`, `90ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  let restMs = Math.round(durationMs);
  let text = '';
  for (const [unit, unitMs] of [...msOfUnit].reverse()) {
    const amount = Math.floor(restMs / unitMs);
    if (amount > 0) text += `${amount}${unit}`;
    restMs -= amount * unitMs;
  }
  return text || '0s';
}

const bytesOfUnit = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
  ['tb', 1024 ** 4],
]);

/** Bytes of a size: a number with `b`, `kb`, `mb`, `gb` or `tb` (powers of 1,024; `kib` and so on mean the same), or bare bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:(b)|([kmgt])i?b?)?$/i.exec(text);
  if (!match) return undefined;
  const unit = match[3] ? `${match[3].toLowerCase()}b` : 'b';
  const bytes = Number(match[1]) * (bytesOfUnit.get(unit) ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in the largest unit that is not below 1, to one decimal: `64mb`, `1.5gb`, `100b`. */
export function formatBytes(bytes: number): string {
  for (const [unit, unitBytes] of [...bytesOfUnit].reverse()) {
    if (bytes >= unitBytes) return `${Math.round((bytes / unitBytes) * 10) / 10}${unit}`;
  }
  return `${bytes}b`;
}
