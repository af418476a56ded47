/** Durations and timestamps of Protobuf, to and from milliseconds. */
export function duration(durationMs: number): {seconds: bigint; nanos: number} {
  const seconds = Math.trunc(durationMs / 1000);
  return {seconds: BigInt(seconds), nanos: Math.round((durationMs - seconds * 1000) * 1e6)};
}

export function timestamp(timeMs: number): {seconds: bigint; nanos: number} {
  const seconds = Math.floor(timeMs / 1000);
  return {seconds: BigInt(seconds), nanos: Math.round((timeMs - seconds * 1000) * 1e6)};
}

export function millis(time: {seconds: bigint; nanos: number} | undefined): number | undefined {
  return time && Number(time.seconds) * 1000 + time.nanos / 1e6;
}
