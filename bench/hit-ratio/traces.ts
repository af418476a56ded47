/** Traces of requests to measure hit ratios with: keys as integers from 0, in the order they were asked for. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {randomNumbers, zipf} from './random.js';

export interface Trace {
  name: string;
  keys: Uint32Array;
  /** How many entries the cache may hold. */
  entries: number;
}

/** The sizes that traces published with one are measured at; others at a tenth of their distinct keys. */
const publishedEntries: Readonly<Record<string, number>> = {
  oltp: 1000,
  loop: 500,
  gli: 1000,
  multi3: 1000,
  'orm-busy': 763,
  web12: 1375,
  w106: 27_517,
  corda: 9046,
};
const suffix = '.u32.gz';

/** Every trace in a folder: `NAME.u32.gz`, keys as little-endian 32-bit integers. */
export function* tracesIn(folder: string): Iterable<Trace> {
  const names = readdirSync(folder).filter(name => name.endsWith(suffix));
  if (names.length === 0) throw new Error(`${folder} holds no traces, which are called NAME${suffix}`);
  for (const file of names.sort()) {
    const name = file.slice(0, -suffix.length);
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    const keys = new Uint32Array(Math.floor(bytes.length / 4));
    for (let index = 0; index < keys.length; index++) keys[index] = bytes.readUInt32LE(4 * index);
    yield {name, keys, entries: publishedEntries[name] ?? Math.ceil(new Set(keys).size / 10)};
  }
}

/** Loads of known shapes, the same in each run. */
export function* syntheticTraces(): Iterable<Trace> {
  const random = randomNumbers(7);
  const popular = zipf({keys: 100_000, exponent: 0.9, random});
  const hot = zipf({keys: 20_000, exponent: 1, random});
  // A walk that mostly returns to keys of a moment ago, while new ones come in.
  let newest = 0;
  const recent = () => {
    if (random() < 0.25) return ++newest;
    return Math.max(0, newest - Math.floor(-Math.log(random()) * 400));
  };
  const shifted = (index: number, phase: number) => (hot() + Math.floor(index / phase) * 1777) % 40_000;
  const isOdd = (index: number, phase: number) => Math.floor(index / phase) % 2 === 1;

  yield make('Zipf 0.9, 1 % held', 1000, popular);
  yield make('loop 1.1 times as long as the cache', 1000, index => index % 1100);
  yield make('Zipf 1.0, hot keys change each 50,000', 500, index => shifted(index, 50_000));
  yield make('Zipf 1.0, hot keys change each 5,000', 500, index => shifted(index, 5000));
  yield make('recent keys', 500, recent);
  yield make('loop and recent keys, 50,000 each', 1000, index =>
    isOdd(index, 50_000) ? 2000 + recent() : index % 1500,
  );
  yield make('loop and recent keys, 10,000 each', 1000, index =>
    isOdd(index, 10_000) ? 2000 + recent() : index % 1500,
  );
  yield make('Zipf 0.9, a fifth of the time a scan', 1000, index =>
    index % 100_000 < 20_000 ? 200_000 + index : popular(),
  );
  yield make('Zipf 0.9, a third held', 32_768, popular);
}

const syntheticRequests = 1_000_000;

function make(name: string, entries: number, draw: (index: number) => number): Trace {
  return {name, keys: Uint32Array.from({length: syntheticRequests}, (_, index) => draw(index)), entries};
}
