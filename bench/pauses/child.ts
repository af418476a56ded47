/**
 * One run of the bench `pauses` in a process of its own. In each turn of the event loop
 * come a few operations, as they would come from a connection:
 *
 *   fill    puts of small values, a tenth more than fit: the index grows from nothing,
 *           and the limit is reached
 *   churn   gets and puts of small values, half each, of random keys; now and then a
 *           put of 1 MiB, which takes the place of thousands of small ones
 *
 * One entry of eight lives a few seconds, so that some expire all the while. Before, all
 * of this is done on a small cache, unmeasured.
 */
import {type Gaps, measureGaps} from '../lib/gaps.js';
import {answerRequests} from '../lib/node-child.js';
import {KeyWriter} from '../store/keys.js';
import {type Subject, type SubjectName, subjects, valueBytes} from './subjects.js';

export interface PausesRequest {
  subject: SubjectName;
  entries: number;
  churnSeconds: number;
  /** How long the control runs. */
  controlSeconds: number;
}

export interface PausesAnswer {
  fill: Gaps;
  churn: Gaps;
  seconds: number;
  largePuts: number;
  counts: {entries: number; evicted: number; expired: number};
}

const operationsPerTurn = 32;
const turnsPerLargePut = 500;
const largeKeys = 1024;
const longTtlMs = 600_000;
const warmUpEntries = 50_000;
const warmUpSeconds = 1;
const key = new KeyWriter();

await answerRequests(async (request: PausesRequest): Promise<PausesAnswer> => {
  const start = performance.now();
  const answer = request.subject === 'control' ? await runControl(request) : await runSubject(request);
  return {...answer, seconds: (performance.now() - start) / 1000};
});

async function runControl({controlSeconds}: PausesRequest): Promise<Omit<PausesAnswer, 'seconds'>> {
  // Its own code gets hot first, too.
  const warmMs = performance.now() + 2 * warmUpSeconds * 1000;
  await measureGaps(() => performance.now() < warmMs);
  const endMs = performance.now() + controlSeconds * 1000;
  const gaps = await measureGaps(() => performance.now() < endMs);
  return {fill: gaps, churn: gaps, largePuts: 0, counts: {entries: 0, evicted: 0, expired: 0}};
}

async function runSubject({subject, entries, churnSeconds}: PausesRequest): Promise<Omit<PausesAnswer, 'seconds'>> {
  const make = subjects[subject as 'krusty' | 'lru-cache'];
  // The engine's compiling takes its time too, but that has nothing to do with how much a cache holds.
  for (let round = 0; round < 2; round++) {
    const small = make(warmUpEntries);
    await fillAndChurn(small, {entries: warmUpEntries, churnSeconds: warmUpSeconds, shortTtlMs: 300});
    small.stop();
  }
  const cache = make(entries);
  const gaps = await fillAndChurn(cache, {entries, churnSeconds, shortTtlMs: 20_000});
  return {...gaps, counts: cache.counts()};
}

async function fillAndChurn(
  cache: Subject,
  {entries, churnSeconds, shortTtlMs}: {entries: number; churnSeconds: number; shortTtlMs: number},
): Promise<{fill: Gaps; churn: Gaps; largePuts: number}> {
  const keys = Math.ceil(entries * 1.1);
  const value = Buffer.alloc(valueBytes, 'v');
  const largeValue = Buffer.alloc(2 ** 20, 'V');
  const randomTtlMs = () => (Math.random() < 1 / 8 ? (0.1 + 0.9 * Math.random()) * shortTtlMs : longTtlMs);

  let filled = 0;
  const fill = await measureGaps(() => {
    for (let step = 0; step < operationsPerTurn; step++) cache.put(keyOf(filled++), value, randomTtlMs());
    return filled < keys;
  });

  let turns = 0;
  let largePuts = 0;
  const endMs = performance.now() + churnSeconds * 1000;
  const churn = await measureGaps(() => {
    for (let step = 0; step < operationsPerTurn; step++) {
      const name = keyOf(Math.floor(Math.random() * keys));
      if (step & 1) cache.put(name, value, randomTtlMs());
      else cache.get(name);
    }
    if (++turns % turnsPerLargePut === 0) cache.put(`large-${largePuts++ % largeKeys}`, largeValue, longTtlMs);
    return performance.now() < endMs;
  });
  return {fill, churn, largePuts};
}

/** A string of its own each time, as it would be decoded from a request. */
function keyOf(number: number): string {
  key.write(number);
  return key.bytes.toString('latin1');
}
