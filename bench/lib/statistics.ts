/** The middle of several runs and how far they lie apart. */

export interface Summary {
  median: number;
  least: number;
  most: number;
  /** (most - least) / median: read no difference smaller than this. */
  spread: number;
  runs: number[];
}

export function summarize(runs: readonly number[]): Summary {
  if (runs.length === 0) throw new Error('no runs to summarize');
  const sorted = [...runs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  const least = sorted[0]!;
  const most = sorted.at(-1)!;
  return {median, least, most, spread: median === 0 ? 0 : (most - least) / median, runs: [...runs]};
}

/**
 * Runs the subjects in turn, `runs` times each: A B, B A, A B, …, so that whatever
 * drifts on the machine meets all of them alike.
 */
export async function interleave<T>(
  subjects: readonly string[],
  runs: number,
  body: (subject: string, run: number) => Promise<T>,
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(subjects.map(subject => [subject, []]));
  for (let index = 0; index < runs; index++) {
    const order = index % 2 === 0 ? subjects : [...subjects].reverse();
    for (const subject of order) results.get(subject)!.push(await body(subject, index));
  }
  return results;
}
