/**
 * Random requests against oracles: the message of a query is the one that
 * @bufbuild/protobuf reads from the same as JSON, and what the client side of
 * google-gax makes of a message comes back as that message.
 */
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import test from 'ava';
import {Binder, routesOf} from '../../src/transcoding/index.js';
import {Random, withSeed} from '../helpers/random.js';
import {everything, featuresTranscoder, registry, send, service} from './helpers/features.js';

/** Values of a field as JSON and as the text of a parameter, by the name of its type. */
const samples: Record<string, readonly [JsonValue, string][]> = {
  string: ['', 'a', 'ä😀', 'a&b=c', '%2F+ ?#', '\u0000'].map(text => [text, text]),
  bool: [true, false].map(value => [value, String(value)]),
  int: [0, 1, 2147483647].map(value => [value, String(value)]),
  float: [
    [0.5, '0.5'],
    ['-Infinity', '-Infinity'],
  ],
  double: [
    [0.5, '0.5'],
    [-1e300, '-1e300'],
    ['NaN', 'NaN'],
  ],
  bytes: [
    ['', ''],
    ['+/8=', '+/8='],
    ['+/8=', '-_8'],
    ['aGk=', 'aGk'],
  ],
  enum: [
    ['COLOR_RED', 'COLOR_RED'],
    ['COLOR_GREEN', '2'],
    [9, '9'],
  ],
  Timestamp: ['2024-02-29T12:30:00.5Z', '2024-01-01T01:00:00+01:00'].map(text => [text, text]),
  Duration: ['1.5s', '-0.000000001s', '0s'].map(text => [text, text]),
  FieldMask: ['text,nested.displayName', ''].map(text => [text, text]),
};

const namesOfScalars: Partial<Record<ScalarType, string>> = {
  [ScalarType.STRING]: 'string',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.FLOAT]: 'float',
  [ScalarType.DOUBLE]: 'double',
  [ScalarType.BYTES]: 'bytes',
};

function samplesOf(field: DescField): readonly [JsonValue, string][] | undefined {
  if (field.fieldKind === 'map') return undefined;
  if (field.enum) return samples.enum;
  const wrapped = field.message?.typeName.endsWith('Value') ? field.message.fields[0]!.scalar : undefined;
  const scalar = field.scalar ?? wrapped;
  if (scalar === undefined) return samples[field.message!.name];
  return samples[namesOfScalars[scalar] ?? 'int'];
}

/** Some fields of a message, as JSON and as parameters in any order and under either name. */
function randomMessage(random: Random, type: DescMessage, prefix = ''): {json: JsonObject; pairs: [string, string][]} {
  const json: JsonObject = {};
  const pairs: [string, string][] = [];
  const oneofs = new Set<unknown>();
  for (const field of type.fields) {
    if (!random.oneIn(4) || (field.oneof && oneofs.has(field.oneof))) continue;
    const name = prefix + random.pick([field.name, field.jsonName]);
    if (field.fieldKind === 'message' && field.message.name === 'Part') {
      const nested = randomMessage(random, field.message, `${name}.`);
      if (nested.pairs.length === 0) continue;
      json[field.jsonName] = nested.json;
      pairs.push(...nested.pairs);
    } else {
      const from = samplesOf(field);
      if (!from) continue;
      const chosen = Array.from({length: field.fieldKind === 'list' ? 1 + random.below(3) : 1}, () =>
        random.pick(from),
      );
      json[field.jsonName] = field.fieldKind === 'list' ? chosen.map(([value]) => value) : chosen[0]![0];
      pairs.push(...chosen.map(([, text]): [string, string] => [name, text]));
    }
    if (field.oneof) oneofs.add(field.oneof);
  }
  return {json, pairs};
}

test('a query makes the message that the same makes as JSON', async t => {
  const route = routesOf(service.methods.find(({name}) => name === 'Query')!, registry)[0]!;
  const binder = new Binder(route, {registry});
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 2000; round++) {
      const {json, pairs} = randomMessage(random, everything);
      // Parameters of one name keep their order; URLSearchParams escapes as forms do.
      const query = random.oneIn(2)
        ? String(new URLSearchParams(pairs))
        : pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&');
      const bytes = binder.bind({bindings: [], query, body: new Uint8Array(), contentType: ''});
      const expected = toBinary(everything, fromJson(everything, json, {registry}));
      t.deepEqual(Buffer.from(bytes).toString('hex'), Buffer.from(expected).toString('hex'), query);
    }
  });
});

/** The client side of transcoding: a request and its rules to method, URL and body. */
type Transcode = (
  request: object,
  options: readonly object[],
) => {httpMethod: string; url: string; queryString: string; data: unknown} | undefined;
const gaxFile = fileURLToPath(new URL('../../../node_modules/google-gax/build/src/transcoding.js', import.meta.url));
const {transcode} = createRequire(import.meta.url)(gaxFile) as {transcode: Transcode};

const gaxRules = [
  {get: '/v1/query'},
  {get: '/v1/query/{text}'},
  {get: '/v1/query/{nested.text}/{nested.number}'},
  {post: '/v1/whole', body: '*'},
  {put: '/v1/whole/{text}', body: '*'},
  {patch: '/v1/part/{nested.text}', body: 'nested'},
];

/** Without characters beyond 16 bits, which that client cannot escape. */
function randomText(random: Random): string {
  return Array.from({length: 1 + random.below(6)}, () => random.pick([...'/:%+?#. äa&=;\u0000'])).join('');
}

test('what google-gax sends arrives as it was', async t => {
  const transcoder = featuresTranscoder();
  await withSeed(t, async seed => {
    const random = new Random(seed);
    for (let round = 0; round < 1000; round++) {
      const message = {
        text: randomText(random),
        tags: [randomText(random), randomText(random)],
        nested: {text: randomText(random), number: 1 + random.below(9), displayName: randomText(random)},
      };
      if ([message.text, message.nested.text].some(text => text === '.' || text === '..')) continue;
      const rule = random.pick(gaxRules);
      const {httpMethod, url, queryString, data} = transcode(message, [{'(google.api.http)': rule}])!;
      const target = queryString ? `${url}?${queryString}` : url;
      const body = data === '' ? {} : {body: JSON.stringify(data)};
      const answer = await send(transcoder, httpMethod.toUpperCase(), target, body);
      const expected = toJson(everything, fromBinary(everything, toBinary(everything, fromJson(everything, message))));
      t.deepEqual(answer.json, expected, `${httpMethod} ${target} ${JSON.stringify(data)}`);
    }
  });
});
