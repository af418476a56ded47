/** JSON bodies: what JSON.parse takes, but no name twice. */
import {fromJsonString} from '@bufbuild/protobuf';
import {StructSchema} from '@bufbuild/protobuf/wkt';
import test from 'ava';
import {parseJson} from '../../src/transcoding/parse-json.js';
import {Random, withSeed} from '../helpers/random.js';

const refused = [
  '{"a":1,"a":1}',
  '{"a":{"b":[1,{"c":1,"d":2,"c":3}]}}',
  '[{"a":"}","b":"\\"","a":1}]',
  '{"a\\\\":1,"b":2,"a\\\\":3}',
  '{"\\u0061":1,"a":2}',
  '{"":1, "" :2}',
  '{"a":{"x":1},"b":[2,3],"a":0}',
];

for (const text of refused) {
  test(`a name twice: ${text}`, t => {
    t.throws(() => parseJson(text), {message: /^duplicate name/});
  });
}

const taken = ['{"a":{"a":{"a":1}},"b":{"a":1}}', '["a","a",{"a":"a"}]', '"a\\\\"', '{"a":"\\\\\\"a","b":"a"}', ' 5 '];

for (const text of taken) {
  test(`no name twice: ${text}`, t => {
    t.deepEqual(parseJson(text), JSON.parse(text));
  });
}

test('what is no JSON is refused', t => {
  for (const text of ['', '{"a":1', '{"a" 1}', '"a', '{a:1}']) t.throws(() => parseJson(text));
});

/** An object that may have a name twice, with what is hard to tell apart from its structure. */
function randomObject(random: Random, depth: number): string {
  const name = () => random.pick(['"a"', '"b"', '"\\u0061"', '"\\\\"', '"\\""', '"{"', '"]"', '""']);
  const value = () => {
    if (depth < 3 && random.oneIn(3)) return randomObject(random, depth + 1);
    return random.pick(['1', 'null', '"a"', '"\\\\\\""', '","', '[]', '["a","a"]', '[{"a":1},{"a":2}]']);
  };
  const members = Array.from({length: random.below(4)}, () => `${name()}${random.pick([':', ' : '])}${value()}`);
  return `{${members.join(random.pick([',', ' ,\n']))}}`;
}

test('the same objects are refused as by @bufbuild/protobuf', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    let refusals = 0;
    for (let round = 0; round < 2000; round++) {
      const text = randomObject(random, 0);
      const isRefused = fails(() => fromJsonString(StructSchema, text));
      t.is(
        fails(() => parseJson(text)),
        isRefused,
        text,
      );
      if (isRefused) refusals++;
    }
    t.true(refusals > 100 && refusals < 1900);
  });
});

function fails(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}
