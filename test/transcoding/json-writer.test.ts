/** JSON text of messages: letter for letter what @bufbuild/protobuf and JSON.stringify make of them. */
import {type DescMessage, fromJson, type JsonValue, type Message, toBinary, toJson} from '@bufbuild/protobuf';
import test, {type ExecutionContext} from 'ava';
import {JsonWriter} from '../../src/transcoding/json-writer.js';
import {Random, withSeed} from '../helpers/random.js';
import {everything, featuresTranscoder, registry, send} from './helpers/features.js';

const legacy = registry.getMessage('test.transcoding.v1.Legacy')!;

function checkText(t: ExecutionContext, type: DescMessage, message: Message): void {
  for (const emitDefaults of [false, true]) {
    const writer = new JsonWriter({registry, emitDefaults});
    const json = toJson(type, message, {registry, alwaysEmitImplicit: emitDefaults}) as Record<string, JsonValue>;
    t.is(writer.message(type)(message), JSON.stringify(json));
    for (const field of type.fields) t.is(writer.field(field)(message), JSON.stringify(json[field.jsonName]));
  }
}

const texts = ['', 'a', 'ä😀', '"\\/\b\u0000\u2028', '</script>', '__proto__'];
const wholes = ['0', '1', '-1', '9223372036854775807', '-9223372036854775808'];

/** Values of each field of Everything, in JSON. */
const values: Record<string, (random: Random) => JsonValue> = {
  text: random => random.pick(texts),
  flag: random => random.oneIn(2),
  int_32: random => random.below(2 ** 31) - 2 ** 30,
  uint_32: random => random.below(2 ** 32),
  big: random => random.pick(wholes),
  huge: () => '18446744073709551615',
  sint_64: random => random.pick(wholes),
  ratio: random => random.pick([0, -0, 1.5, 'NaN', '-Infinity', 3.4028234663852886e38]),
  exact: random => random.pick([0, -0, 1e-7, 1e21, 'Infinity', 0.1]),
  blob: random => Buffer.from(random.bytes(random.below(20))).toString('base64'),
  color: random => random.pick(['COLOR_UNSPECIFIED', 'COLOR_RED', 77, -1]),
  maybe: random => random.pick(texts),
  odd_name: random => random.pick(texts),
  tags: random => random.pick([[], texts]),
  numbers: () => [1, -2],
  colors: () => ['COLOR_RED', 5],
  blobs: () => ['', 'AA=='],
  flags: () => [true, false],
  times: () => ['2024-01-01T00:00:00Z'],
  items: random => [{}, part(random)],
  labels: () => JSON.parse('{"b": "c", "1": "", "__proto__": "a\\"b"}'),
  files: () => ({a: 'AA==', '"': ''}),
  parts: random => ({1: part(random), [-2]: {}}),
  time: () => '2024-01-01T00:00:00.123456789Z',
  wait: () => '-1.500s',
  mask: () => 'text,nested.displayName',
  maybe_flag: random => random.oneIn(2),
  maybe_text: random => random.pick(texts),
  maybe_big: random => random.pick(wholes),
  maybe_count: () => 0,
  maybe_exact: random => random.pick([0, 'NaN']),
  maybe_blob: () => 'AA==',
  details: () => ({a: [1, {b: null}], '': 'c'}),
  value: random => random.pick([null, [1, 'a'], {a: true}, 5]),
  any: () => ({'@type': 'type.googleapis.com/google.protobuf.Duration', value: '5s'}),
  empty: () => ({}),
  nested: random => part(random),
  left: random => random.pick(texts),
  right: () => 0,
  middle: random => part(random),
  last: () => 'AA==',
};

function part(random: Random): JsonValue {
  const json: JsonValue = {text: random.pick(texts), number: 1, tags: ['a'], wait: '1s', blob: 'AA=='};
  return random.oneIn(2) ? json : {...json, deeper: part(random)};
}

test('messages of every kind of field', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) {
      const choice = random.pick(['left', 'right', 'middle', 'last']);
      const chosen = everything.fields
        .filter(
          ({name, oneof}) =>
            name in values && random.oneIn(3) && (!oneof?.fields.length || name === choice || name === 'maybe'),
        )
        .map(({name}) => [name, values[name]!(random)]);
      checkText(t, everything, fromJson(everything, Object.fromEntries(chosen), {registry}));
    }
  });
});

const legacies: JsonValue[] = [
  {},
  {text: '', number: 0, shade: 'SHADE_LIGHT'},
  {text: 'x', numbers: ['1', '2'], shade: 'SHADE_DARK', blob: 'AA=='},
  {required: {text: 'a'}, extended: {text: 'a', '[test.transcoding.v1.more]': 'b'}, blob: ''},
  {structs: [{a: 1}, {}], struct: {b: [null]}},
  {nothing: null},
  {wrappedChoice: false, wrapped: ['a', ''], wrappedByName: {a: '0', b: '-5'}},
];

for (const json of legacies) {
  test(`a message of proto2: ${JSON.stringify(json)}`, t => checkText(t, legacy, fromJson(legacy, json, {registry})));
}

test('what toJson refuses is refused', t => {
  const writer = new JsonWriter({registry, emitDefaults: false});
  const required = registry.getMessage('test.transcoding.v1.Required')!;
  const noNumber = Object.assign(fromJson(everything, {}), {details: {a: Number.NaN}});
  const unknown = fromJson(everything, {});
  Object.assign(unknown, {any: {$typeName: 'google.protobuf.Any', typeUrl: 'x/no.Such', value: new Uint8Array()}});
  for (const [type, message] of [
    [required, fromJson(required, {})],
    [everything, noNumber],
    [everything, unknown],
  ] as const) {
    t.throws(() => toJson(type, message, {registry}));
    t.throws(() => writer.message(type)(message));
  }
});

test('large bytes come back as they were sent', async t => {
  const large = Buffer.alloc(100_000, 'abc').toString('base64');
  const body = JSON.stringify({text: 'a', blob: large, nested: {blob: large}});
  const answer = await send(featuresTranscoder(), 'POST', '/v1/whole', {body});
  t.deepEqual(answer.json, JSON.parse(body));
  t.true(toBinary(everything, fromJson(everything, JSON.parse(body))).length > 200_000);
});
