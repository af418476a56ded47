/**
 * Our HPACK against golang.org/x/net/http2/hpack: what either encodes the other must
 * read, and blocks that somebody has tampered with must mean the same to both.
 */
import assert from 'node:assert/strict';
import {HpackDecoder} from '../../src/wire/hpack/decoder.js';
import {constantField, HpackEncoder, type OutField, plainField} from '../../src/wire/hpack/encoder.js';
import {Random} from '../helpers/random.js';
import {buildGo} from './clients.js';
import {check, heading} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';

type Pairs = [name: string, value: string][];

/** A command for Go, and what is made of its answer. */
interface Step {
  line: string;
  judge(answer: string): void;
}

const connections = 300;
const blocksOfEach = 30;

export async function checkHpack(): Promise<void> {
  heading('HPACK, against golang.org/x/net');
  const program = await buildGo('hpack');
  const seed = process.env.KRUSTY_SEED ? Number(process.env.KRUSTY_SEED) : Math.floor(Math.random() * 2 ** 32);
  for (const [name, stepsOf] of Object.entries({
    'what Go encodes, we read': goEncodes,
    'what we encode, Go reads': weEncode,
    'tampered blocks mean the same to both': tampered,
  })) {
    await check(`${name} (KRUSTY_SEED=${seed})`, async () => {
      const random = new Random(seed);
      const steps = Array.from({length: connections}, () => stepsOf(random)).flat();
      const output = await runOrThrow(program, [], {
        timeoutMs: 5 * 60_000,
        input: steps.map(({line}) => `${line}\n`).join(''),
      });
      const answers = output.trimEnd().split('\n');
      assert.equal(answers.length, steps.length);
      for (const [index, step] of steps.entries()) step.judge(answers[index]!);
    });
  }
}

const begin: Step = {line: 'new', judge: answer => assert.equal(answer, 'ok')};

function goEncodes(random: Random): Step[] {
  const decoder = new HpackDecoder(4096);
  const steps = [begin];
  for (let count = 0; count < blocksOfEach; count++) {
    const pairs = randomPairs(random);
    const size = random.oneIn(5) ? random.pick([0, 100, 1000, 4096]) : -1;
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

/** Where we are stricter than Go, which takes integers with needless bytes and any number of size changes. */
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
        const where = `block ${block.toString('hex')}: Go says ${answer}, we ${JSON.stringify(ours)}`;
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

function read(decoder: HpackDecoder, block: Buffer): Pairs {
  const pairs: Pairs = [];
  decoder.decode(block, 0, block.length, {field: ({name, value}) => void pairs.push([name.text, value])});
  return pairs;
}

function randomPairs(random: Random): Pairs {
  return randomFields(random).map(({field}) => [field.name.text, field.value]);
}

function randomFields(random: Random): OutField[] {
  return Array.from({length: random.below(12)}, () => {
    if (random.oneIn(3)) return random.pick(constants);
    const name = random.pick([':path', ':status', 'authorization', 'accept', `x-${random.below(40)}`]);
    const value = random.oneIn(3)
      ? Buffer.from(random.bytes(random.below(200))).toString('latin1')
      : `value ${random.below(30)}`;
    return plainField(name, value);
  });
}
