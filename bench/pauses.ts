/**
 * The longest time that an event loop stands still while a cache in it fills and churns,
 * against lru-cache, and against an idle control: a loop on the same core that only
 * measures its own gaps, since on a shared machine even that one is kept waiting.
 */
import {startNodeChild} from './lib/node-child.js';
import {pinning} from './lib/pin.js';
import {type BenchOptions, type BenchResult, round} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import type {PausesAnswer, PausesRequest} from './pauses/child.js';
import {type SubjectName, subjectNames} from './pauses/subjects.js';

export async function pauses(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 2 : 5;
  /** lru-cache's pauses are long and much the same each time. */
  const peerRuns = options.quick ? 1 : 2;
  const entries = options.quick ? 500_000 : 5_000_000;
  const churnSeconds = options.quick ? 2 : 5;
  const pins = await pinning();
  let lastSeconds = churnSeconds;
  const results = await interleave(subjectNames, runs, async (name, run) => {
    if (name === 'lru-cache' && run >= peerRuns) return undefined;
    console.log(`${name}, run ${run + 1} …`);
    const child = startNodeChild('pauses/child.js', [], {before: pins.server, flags: ['--max-old-space-size=8192']});
    try {
      const request: PausesRequest = {subject: name as SubjectName, entries, churnSeconds, controlSeconds: lastSeconds};
      const answer = await child.ask<PausesAnswer>(request);
      if (name === 'krusty') lastSeconds = answer.seconds;
      return answer;
    } finally {
      await child.stop();
    }
  });
  const answers = new Map([...results].map(([name, list]) => [name, list.filter(each => each !== undefined)]));
  return {
    name: 'pauses',
    about:
      `Gaps between turns of the event loop, in milliseconds, while ${entries / 1e6} M entries of 100 bytes are put, then ${churnSeconds} s of gets and puts with TTLs and, between them, values of 1 MiB. ` +
      `One core; ${runs} runs of krusty and of the control, which is idle for as long as krusty runs, ${peerRuns} of lru-cache, interleaved. ` +
      '"CPU" is the most CPU that the process itself spent in one gap: what is above it is the waiting for the core.',
    tables: [
      {
        title: 'Longest gap, ms',
        head: ['cache', 'fill: quietest run', 'median', 'churn: quietest run', 'median', 'most CPU in a gap', 'runs'],
        rows: [...answers].map(([name, list]) => row(name, list)),
      },
    ],
    bars: bars(answers),
    data: Object.fromEntries(answers),
  };
}

function row(name: string, answers: PausesAnswer[]): string[] {
  const fill = summarize(answers.map(answer => answer.fill.longestMs));
  const churn = summarize(answers.map(answer => answer.churn.longestMs));
  const cpu = summarize(answers.map(answer => Math.max(answer.fill.longestCpuMs, answer.churn.longestCpuMs)));
  return [name, ...[fill.least, fill.median, churn.least, churn.median, cpu.least].map(round), String(answers.length)];
}

/** Each subject by its quietest run: noise only ever adds. */
function bars(answers: Map<string, PausesAnswer[]>) {
  const quietest = (name: SubjectName) =>
    summarize(answers.get(name)!.map(({fill, churn}) => Math.max(fill.longestMs, churn.longestMs))).least;
  const own = quietest('krusty');
  return [
    {
      name: "pauses longest stall over lru-cache's",
      figure: own / quietest('lru-cache'),
      target: 0.1,
      need: 'at most' as const,
      unit: '×',
    },
    {
      name: "pauses longest stall above the idle control's",
      figure: own - quietest('control'),
      target: 5,
      need: 'at most' as const,
      unit: 'ms',
    },
  ];
}
