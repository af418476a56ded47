/** JSON text of messages: letter for letter what @bufbuild/protobuf and JSON.stringify make of them. */
import {type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson} from '@bufbuild/protobuf';
import {BinaryReader, BinaryWriter} from '@bufbuild/protobuf/wire';
import test, {type ExecutionContext} from 'ava';
import {JsonWriter} from '../../src/transcoding/json-writer.js';
import {Random, withSeed} from '../helpers/random.js';
import {everything, featuresTranscoder, registry, send} from './helpers/features.js';

const legacy = registry.getMessage('test.transcoding.v1.Legacy')!;

function checkText(t: ExecutionContext, type: DescMessage, bytes: Uint8Array): void {
  for (const emitDefaults of [false, true]) {
    const writer = new JsonWriter({registry, emitDefaults});
    const json = toJson(type, fromBinary(type, bytes), {
      registry,
      alwaysEmitImplicit: emitDefaults,
    }) as Record<string, JsonValue>;
    t.is(writer.message(type)(bytes), JSON.stringify(json));
    for (const field of type.fields) t.is(writer.field(field)(bytes), JSON.stringify(json[field.jsonName]));
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

/** Bytes of Everything with some of its fields. */
function someBytes(random: Random): Uint8Array {
  const choice = random.pick(['left', 'right', 'middle', 'last']);
  const chosen = everything.fields
    .filter(
      ({name, oneof}) =>
        name in values && random.oneIn(3) && (!oneof?.fields.length || name === choice || name === 'maybe'),
    )
    .map(({name}) => [name, values[name]!(random)]);
  return toBinary(everything, fromJson(everything, Object.fromEntries(chosen), {registry}));
}

test('messages of every kind of field', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) checkText(t, everything, someBytes(random));
  });
});

/** The fields of a message, each with its tag. */
function fieldsOf(bytes: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const fields: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
    fields.push(bytes.subarray(start, reader.pos));
  }
  return fields;
}

test('fields in any order, several times, with zeros that need not be there, among others that are unknown', async t => {
  const zeros = new BinaryWriter().tag(1, 2).string('').tag(3, 0).int32(0).tag(8, 0).int64(0).tag(14, 1).double(0);
  const odd = new BinaryWriter().tag(14, 1).double(-0).tag(21, 0).int32(7).tag(22, 2).bytes(new Uint8Array());
  const unknown = new BinaryWriter().tag(900, 2).string('?').tag(901, 3).tag(7, 0).int32(1).tag(901, 4);
  const others = [zeros, odd, unknown].flatMap(writer => fieldsOf(writer.finish()));
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) {
      const fields = [...others, ...fieldsOf(someBytes(random)), ...fieldsOf(someBytes(random))];
      const drawn = fields
        .map(field => ({field, place: random.fraction()}))
        .sort((left, right) => left.place - right.place);
      checkText(t, everything, Buffer.concat(drawn.map(({field}) => field)));
    }
  });
});

test('the parts of a map entry may be missing, doubled or the other way round', t => {
  const part = new BinaryWriter().tag(1, 2).string('a').finish();
  const more = new BinaryWriter().tag(2, 0).int32(5).finish();
  const entries = [
    new BinaryWriter(),
    new BinaryWriter().tag(1, 0).int32(4),
    new BinaryWriter().tag(2, 2).bytes(part).tag(1, 0).int32(3).tag(2, 2).bytes(more).tag(9, 0).int32(1),
    new BinaryWriter().tag(1, 0).int32(1).tag(1, 0).int32(2).tag(2, 2).bytes(part),
    new BinaryWriter().tag(1, 0).int32(4).tag(2, 2).bytes(more),
  ];
  const map = new BinaryWriter();
  for (const entry of entries) map.tag(29, 2).bytes(entry.finish());
  checkText(t, everything, map.finish());
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
  test(`a message of proto2: ${JSON.stringify(json)}`, t =>
    checkText(t, legacy, toBinary(legacy, fromJson(legacy, json, {registry}))));
}

test('what toJson refuses is refused', t => {
  const writer = new JsonWriter({registry, emitDefaults: false});
  const required = registry.getMessage('test.transcoding.v1.Required')!;
  const noNumber = Object.assign(fromJson(everything, {}), {details: {a: Number.NaN}});
  const unknown = fromJson(everything, {});
  Object.assign(unknown, {any: {$typeName: 'google.protobuf.Any', typeUrl: 'x/no.Such', value: new Uint8Array()}});
  for (const [type, bytes] of [
    [required, new Uint8Array()],
    [everything, toBinary(everything, noNumber)],
    [everything, toBinary(everything, unknown)],
    [everything, Uint8Array.of(10, 5)],
  ] as const) {
    t.throws(() => toJson(type, fromBinary(type, bytes), {registry}));
    t.throws(() => writer.message(type)(bytes));
  }
});

test('large bytes come back as they were sent', async t => {
  const large = Buffer.alloc(100_000, 'abc').toString('base64');
  const body = JSON.stringify({text: 'a', blob: large, nested: {blob: large}});
  const answer = await send(featuresTranscoder(), 'POST', '/v1/whole', {body});
  t.deepEqual(answer.json, JSON.parse(body));
  t.true(toBinary(everything, fromJson(everything, JSON.parse(body))).length > 200_000);
});
