/** One subject of the bench `store` in a process of its own: fills it once, then runs loads on it. */
import assert from 'node:assert/strict';
import {answerRequests} from '../lib/node-child.js';
import {type KeyChoice, KeyWriter, makeDraw} from './keys.js';
import {type Shape, type SubjectName, subjects} from './subjects.js';

export interface Load {
  keys: KeyChoice;
  /** How many of 20 operations are puts. */
  putsOf20: number;
  /** How many keys there are for each that fits: above 1, gets miss and puts evict. */
  keysPerEntry: number;
}

export interface LoadRequest extends Load {
  seconds: number;
  seed: number;
}

export interface LoadAnswer {
  nsPerOperation: number;
}

const [name, shapeText] = process.argv.slice(2);
const shape = JSON.parse(shapeText!) as Shape;
const subject = subjects[name as SubjectName](shape);
const key = new KeyWriter();
const value = Buffer.alloc(shape.valueBytes, 'v');
const draws = new Map<string, () => number>();

for (let number = 0; number < shape.entries; number++) put(number);
await answerRequests(run);

function run({keys, putsOf20, keysPerEntry, seconds, seed}: LoadRequest): LoadAnswer {
  const count = shape.entries * keysPerEntry;
  const draw = drawFor(keys, count, seed);
  let operations = 0;
  let misses = 0;
  let puts = 0;
  const start = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < seconds * 1000) {
    for (let step = 0; step < 2000; step++) {
      const number = draw();
      // Spread evenly: 10 of 20 is every other one.
      puts += putsOf20;
      if (puts >= 20) {
        puts -= 20;
        put(number);
      } else if (!find(number)) misses++;
    }
    operations += 2000;
    elapsedMs = performance.now() - start;
  }
  if (keysPerEntry === 1) assert.equal(misses, 0, `${name} does not find what was put`);
  return {nsPerOperation: (elapsedMs * 1e6) / operations};
}

function put(number: number): void {
  key.write(number);
  value.writeUInt32LE(number, 0);
  subject.put(key.bytes, value);
}

/** Whether it is there; then its bytes must be those put under this key. */
function find(number: number): boolean {
  key.write(number);
  const found = subject.get(key.bytes);
  if (found === undefined) return false;
  const seen = found[0]! | (found[1]! << 8) | (found[2]! << 16);
  assert(seen === (number & 0xffffff) && found.length === shape.valueBytes, `${name} answers another key's value`);
  return true;
}

/** Zipf draws take a while to make, so each kind is made once. */
function drawFor(keys: KeyChoice, count: number, seed: number): () => number {
  const name = `${keys} ${count}`;
  const made = draws.get(name) ?? makeDraw(keys, count, seed);
  draws.set(name, made);
  return made;
}
