/**
 * How properties are tried: so often, and from which seed. A failure prints seed and
 * path; given back as KRUSTY_SEED and KRUSTY_PATH, they give the same failure again,
 * shrunk at once. KRUSTY_RUNS=20 tries twenty times as much.
 */

/** A failure is shrunk for so long at most: AVA gives up on a test soon after, and its seed would be lost. */
const usualMs = 45_000;

export function runsOf(usualRuns: number) {
  const {KRUSTY_SEED: seed, KRUSTY_PATH: path, KRUSTY_RUNS: times = '1'} = process.env;
  return {
    numRuns: Math.ceil(usualRuns * Number(times)),
    interruptAfterTimeLimit: usualMs * Number(times),
    includeErrorInReport: true,
    ...(seed ? {seed: Number(seed)} : {}),
    ...(path ? {path, endOnFailure: true} : {}),
  };
}
