/**
 * Our HPACK against golang.org/x/net/http2/hpack and Python's hpack: what either encodes
 * the other must read, and blocks that somebody has tampered with must mean the same to
 * both. Header lists are random, and some are made to sit at the edges of the table.
 *
 * Everything is drawn from a seed, which is printed; KRUSTY_SEED gives it back.
 */
import assert from 'node:assert/strict';
import {HpackDecoder} from '../../src/wire/hpack/decoder.js';
import {constantField, HpackEncoder, type OutField, plainField} from '../../src/wire/hpack/encoder.js';
import {Random} from '../helpers/random.js';
import {buildGo} from './clients.js';
import {check, heading, skip} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';
import {inRoot} from './lib/root.js';
import {goMissing, pythonMissing, pythonWithPackages} from './lib/toolchain.js';

type Pairs = [name: string, value: string][];

/** A command for the other side, and what is made of its answer. */
interface Step {
  line: string;
  judge(answer: string): void;
}

/** Another HPACK: a program that answers each line of its input with one. */
interface Peer {
  name: string;
  words: readonly string[];
}

const connections = 300;
const blocksOfEach = 30;

export async function checkHpack(): Promise<void> {
  heading('HPACK, against others');
  const seed = process.env.KRUSTY_SEED ? Number(process.env.KRUSTY_SEED) : Math.floor(Math.random() * 2 ** 32);
  const withoutGo = await goMissing();
  if (withoutGo !== undefined) skip('HPACK against golang.org/x/net', withoutGo);
  else await checkAgainst({name: 'Go', words: [await buildGo('hpack')]}, seed);
  const withoutPython = await pythonMissing();
  if (withoutPython !== undefined) return skip("HPACK against Python's hpack", withoutPython);
  const script = inRoot('test', 'interop', 'python', 'hpack_lines.py');
  await checkAgainst({name: 'Python', words: [await pythonWithPackages(), script]}, seed);
}

async function checkAgainst({name: peer, words}: Peer, seed: number): Promise<void> {
  for (const [name, stepsOf] of Object.entries({
    [`what ${peer} encodes, we read`]: peerEncodes,
    [`what we encode, ${peer} reads`]: weEncode,
    [`tampered blocks mean the same to us and ${peer}`]: tampered,
  })) {
    await check(`${name} (KRUSTY_SEED=${seed})`, async () => {
      const random = new Random(seed);
      const steps = Array.from({length: connections}, () => stepsOf(random)).flat();
      const output = await runOrThrow(words[0]!, words.slice(1), {
        timeoutMs: 5 * 60_000,
        input: steps.map(({line}) => `${line}\n`).join(''),
      });
      const answers = output.replace(/\n$/, '').split('\n');
      assert.equal(answers.length, steps.length);
      for (const [index, step] of steps.entries()) step.judge(answers[index]!);
    });
  }
}

const begin: Step = {line: 'new', judge: answer => assert.equal(answer, 'ok')};

function peerEncodes(random: Random): Step[] {
  const decoder = new HpackDecoder(4096);
  const steps = [begin];
  for (let count = 1; count <= blocksOfEach; count++) {
    // The last is always an empty list, whose answer is an empty line.
    const last = count === blocksOfEach;
    const pairs = last ? [] : randomPairs(random);
    const size = random.oneIn(5) && !last ? random.pick([0, 100, 1000, 4096]) : -1;
    steps.push({
      line: `encode ${size} ${JSON.stringify(pairs)}`,
      judge: answer => assert.deepEqual(read(decoder, Buffer.from(answer, 'hex')), pairs),
    });
  }
  return steps;
}

const constants = Array.from({length: 30}, (_, index) => constantField(`constant-${index}`, 'v'.repeat(index * 7)));

function weEncode(random: Random): Step[] {
  const encoder = new HpackEncoder();
  const steps = [begin];
  for (let count = 0; count < blocksOfEach; count++) {
    if (random.oneIn(5)) encoder.setTableSize(random.pick([0, 100, 1000, 4096]));
    const fields = randomFields(random);
    const block = Buffer.from(encoder.encode(fields));
    const pairs = fields.map(({field}) => [field.name.text, field.value]);
    steps.push({
      line: `decode ${block.toString('hex')}`,
      judge: answer => assert.deepEqual(JSON.parse(answer), pairs),
    });
  }
  return steps;
}

/** Where we are stricter than the others, which take integers with needless bytes and any number of size changes. */
const stricter = /integer is too large|change of the table size/;

function tampered(random: Random): Step[] {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096);
  const steps = [begin];
  let broken = false;
  for (let count = 0; count < blocksOfEach && !broken; count++) {
    const block = Buffer.from(encoder.encode(randomFields(random)));
    for (let changes = random.below(4); changes > 0 && block.length > 0; changes--) {
      block[random.below(block.length)] = random.below(256);
    }
    const ours = outcome(decoder, block);
    // After an error a connection is over, and the tables with it.
    broken = typeof ours === 'string';
    steps.push({
      line: `decode ${block.toString('hex')}`,
      judge: answer => {
        const where = `block ${block.toString('hex')}: the other says ${answer}, we ${JSON.stringify(ours)}`;
        if (typeof ours !== 'string')
          assert.deepEqual(answer.startsWith('error') ? answer : JSON.parse(answer), ours, where);
        else if (!stricter.test(ours)) assert(answer.startsWith('error'), where);
      },
    });
  }
  return steps;
}

function outcome(decoder: HpackDecoder, block: Buffer): Pairs | string {
  try {
    return read(decoder, block);
  } catch (error) {
    return (error as Error).message;
  }
}

/** One buffer for all that is received, as in a server. */
const received = Buffer.alloc(2 ** 17);

function read(decoder: HpackDecoder, block: Buffer): Pairs {
  const pairs: Pairs = [];
  received.set(block);
  decoder.decode(received, 0, block.length, {field: ({name, value}) => void pairs.push([name.text, value])});
  return pairs;
}

function randomPairs(random: Random): Pairs {
  return randomFields(random).map(({field}) => [field.name.text, field.value]);
}

function randomFields(random: Random): OutField[] {
  const edgy = random.oneIn(4);
  return Array.from({length: random.below(12)}, () => {
    if (edgy && random.oneIn(2)) return edgeField(random);
    if (random.oneIn(3)) return random.pick(constants);
    const name = random.pick([':path', ':status', 'authorization', 'accept', `x-${random.below(40)}`]);
    const value = random.oneIn(3)
      ? Buffer.from(random.bytes(random.below(200))).toString('latin1')
      : `value ${random.below(30)}`;
    return plainField(name, value);
  });
}

/** Fields that fill the table to the byte, or do not fit it, that are empty, or that Huffman's code makes longest or shortest. */
function edgeField(random: Random): OutField {
  const name = random.pick(['', 'x', ':path', 'content-type', `x-${'long-'.repeat(random.below(60))}`]);
  const sizeBytes = random.pick([100, 1000, 4096]) + random.pick([-1, 0, 1]);
  const length = random.pick([0, 1, 126, 127, 128, Math.max(0, sizeBytes - 32 - name.length)]);
  const value = random.pick(['0', 'a', '\x01', '\xf9', '\n', ',']).repeat(length);
  return random.oneIn(2) ? constantField(name, value) : plainField(name, value);
}
