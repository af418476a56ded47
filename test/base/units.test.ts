/** Durations and sizes as people write them. */
import test from 'ava';
import {formatBytes, formatDuration, parseBytes, parseDuration} from '../../src/base/index.js';
import {Random, withSeed} from '../helpers/random.js';

const durations: Record<string, number> = {
  '0': 0,
  '90': 90_000,
  '1.5': 1500,
  '250ms': 250,
  '90s': 90_000,
  '5m': 300_000,
  '1h30m': 5_400_000,
  '1.5h': 5_400_000,
  '2d': 172_800_000,
  '1d2h3m4s5ms': 93_784_005,
  '0s': 0,
};

for (const [text, durationMs] of Object.entries(durations)) {
  test(`the duration ${text} is ${durationMs} ms`, t => t.is(parseDuration(text), durationMs));
}

const noDurations = [
  '',
  ' ',
  '5 m',
  ' 5m',
  '5m ',
  'm',
  '5x',
  '5M',
  '-5m',
  '+5m',
  '5m5m',
  '30m1h',
  '1h30',
  '.5h',
  '1.h',
  '1e3',
  '1,5h',
  '0x10',
  'Infinity',
  'NaN',
  '5m\n',
  '٥m',
];

for (const text of noDurations) {
  test(`${JSON.stringify(text)} is no duration`, t => t.is(parseDuration(text), undefined));
}

test('a duration reads the same after it was written', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 2000; round++) {
      const durationMs = random.below(10 ** (1 + random.below(13)));
      t.is(parseDuration(formatDuration(durationMs)), durationMs);
    }
  });
});

test('a duration is written with its largest units, in whole milliseconds', t => {
  t.is(formatDuration(0), '0s');
  t.is(formatDuration(90), '90ms');
  t.is(formatDuration(5_400_000), '1h30m');
  t.is(formatDuration(1499.6), '1s500ms');
});

const sizes: Record<string, number> = {
  '0': 0,
  '100': 100,
  '100b': 100,
  '1kb': 1024,
  '1KiB': 1024,
  '1k': 1024,
  '64mb': 67_108_864,
  '64MB': 67_108_864,
  '1.5gb': 1_610_612_736,
  '2t': 2_199_023_255_552,
};

for (const [text, bytes] of Object.entries(sizes)) {
  test(`the size ${text} is ${bytes} bytes`, t => t.is(parseBytes(text), bytes));
}

const noSizes = [
  '',
  ' ',
  '-1',
  '+1',
  '1 kb',
  '1kb ',
  'kb',
  '1.5',
  '0.3kb',
  '1pb',
  '1e6',
  '0x10',
  '1kbb',
  '1ib',
  '1,5kb',
];

for (const text of [...noSizes, '9007199254740993', '9999999tb']) {
  test(`${JSON.stringify(text)} is no size`, t => t.is(parseBytes(text), undefined));
}

test('a size in whole units reads the same after it was written', t => {
  for (const bytes of [0, 1, 1023, 1024, 65_536, 2 ** 20, 1.5 * 2 ** 30, 3 * 2 ** 40]) {
    t.is(parseBytes(formatBytes(bytes)), bytes);
  }
});

test('a size is written in the largest unit that is not below 1', t => {
  t.is(formatBytes(100), '100b');
  t.is(formatBytes(1023), '1023b');
  t.is(formatBytes(1024), '1kb');
  t.is(formatBytes(1.25 * 2 ** 30), '1.3gb');
});
