/**
 * The schemas of an OpenAPI description. What they say of a value is held against what
 * the transcoder does with it: they may refuse less or more nowhere.
 */
import {fromJson, type JsonObject, type JsonValue, toJson} from '@bufbuild/protobuf';
import test from 'ava';
import {openApi} from '../../src/transcoding/index.js';
import {closed, compileSchema} from '../helpers/json-schema.js';
import {everything, registry, send} from './helpers/features.js';
import {description, document, transcoder} from './helpers/openapi.js';

const {components} = description;

function schemaOf(name: string): (value: unknown) => string | undefined {
  return compileSchema(document, components.schemas[name]!);
}

/** Values of all sorts, right and wrong, for fields of all types. */
const values: JsonValue[] = [
  null,
  true,
  false,
  'true',
  '',
  'a',
  'ä€😀',
  0,
  -1,
  1,
  1.5,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  1e300,
  '0',
  '-1',
  '12',
  '1.5',
  ' 1',
  '1 ',
  '+',
  '--1',
  'NaN',
  'Infinity',
  '-Infinity',
  'COLOR_RED',
  'COLOR_PINK',
  'RED',
  'aGk=',
  'aGk',
  '-_8=',
  '+/8',
  '!',
  '1s',
  '-1.5s',
  '0.000000001s',
  '315576000001s',
  '1m',
  '1s500ms',
  '1',
  '2026-11-21T09:04:15Z',
  '2026-11-21T09:04:15.123456789+01:00',
  '2026-11-21 09:04:15Z',
  '2026-11-21T09:04:15',
  'fooBar,baz',
  'foo_bar',
  [],
  [null],
  ['a'],
  [1, 2],
  ['COLOR_RED', 2],
  ['aGk='],
  [true, false],
  ['2026-11-21T09:04:15Z'],
  [{}],
  [{text: 'a'}],
  {},
  {a: 'b'},
  {a: null},
  {a: 'aGk='},
  {a: 1},
  {1: {}},
  {1: {text: 'a'}},
  {text: 'a'},
  {text: 1},
  {text: null},
  {number: 1, tags: ['a'], deeper: {deeper: {wait: '1s'}}},
  {unknown: 1},
  {displayName: 'a'},
];

/** The reader passes over spaces around the text of a 64-bit number, which is nothing to tell anybody to rely on. */
function isAllowedDifference(field: string, value: JsonValue): boolean {
  return /big|huge|64$/i.test(field) && typeof value === 'string' && value.trim() !== value;
}

for (const field of everything.fields) {
  test(`the schema of ${field.name} takes in a request what the transcoder takes`, async t => {
    const validate = schemaOf('test.transcoding.v1.Everything.Input');
    for (const value of field.message?.typeName === 'google.protobuf.Any' ? [null, {}, 1, 'a', []] : values) {
      const json = {[field.jsonName]: value};
      if (isAllowedDifference(field.jsonName, value)) continue;
      const error = validate(json);
      t.is(error === undefined, await isTaken(json), `${JSON.stringify(json)}: ${error}`);
    }
  });
}

test('members of a oneof do not go together, and unknown fields are refused', async t => {
  const validate = schemaOf('test.transcoding.v1.Everything.Input');
  const requests: JsonObject[] = [
    {left: 'a', right: 1},
    {right: 1, middle: {}},
    {left: 'a', last: 'aGk=', text: 'b'},
    {left: null, right: 1},
    {left: 'a', text: 'b'},
    {nope: 1},
    {left: ''},
  ];
  for (const json of requests) {
    t.is(validate(json) === undefined, await isTaken(json), JSON.stringify(json));
  }
});

/** Whether the transcoder takes it as a request. */
async function isTaken(json: JsonValue): Promise<boolean> {
  const {status} = await send(transcoder, 'POST', '/v1/whole', {body: JSON.stringify(json)});
  return status === 200;
}

test('what is answered is what the schema of responses says, with no field besides', t => {
  const validate = compileSchema(closed(document), closed(components.schemas['test.transcoding.v1.Everything']!));
  const full = {
    text: 'a',
    flag: true,
    int32: -1,
    uint32: 1,
    sint32: 1,
    fixed32: 1,
    sfixed32: 1,
    big: '-9223372036854775808',
    huge: '18446744073709551615',
    sint64: '1',
    fixed64: '1',
    sfixed64: '1',
    ratio: 'NaN',
    exact: -0.5,
    blob: '/+8=',
    color: 'COLOR_RED',
    maybe: '',
    oddly: 'b',
    tags: ['a'],
    numbers: [1],
    colors: ['COLOR_GREEN'],
    blobs: ['aGk='],
    flags: [true],
    times: ['2026-11-21T09:04:15.5Z'],
    items: [{text: 'a', deeper: {number: 1}}],
    labels: {a: 'b'},
    files: {a: 'aGk='},
    parts: {5: {text: 'a'}},
    time: '2026-11-21T09:04:15Z',
    wait: '-1.5s',
    mask: 'fooBar',
    maybeFlag: false,
    maybeText: '',
    maybeBig: '1',
    maybeCount: 1,
    maybeExact: 'Infinity',
    maybeBlob: 'aGk=',
    details: {a: [1, {b: null}]},
    value: [1],
    any: {'@type': 'type.googleapis.com/google.protobuf.Duration', value: '1s'},
    empty: {},
    nested: {displayName: 'c'},
    middle: {wait: '1s'},
  };
  const written = toJson(everything, fromJson(everything, full, {registry}), {registry});
  t.deepEqual(Object.keys(written as JsonObject).sort(), Object.keys(full).sort());
  t.is(validate(written), undefined);
  t.not(validate({...full, big: 1}), undefined, 'a number where text is answered');
  t.not(validate({...full, blob: 5}), undefined);
});

test('a group of fields of which one may be set, bounds and required fields come from refinements', t => {
  const {components: refined} = openApi({
    routes: transcoder.routes,
    refinements: {
      field: ({name}) => (name === 'text' ? {maxLength: 5} : undefined),
      message: ({name}) => (name === 'Everything' ? {required: ['text']} : undefined),
      atMostOneOf: ({fields}) => [fields.filter(({name}) => ['text', 'flag'].includes(name))],
    },
  });
  const validate = compileSchema(
    {...document, components: refined},
    refined.schemas['test.transcoding.v1.Everything.Input']!,
  );
  t.is(validate({text: 'abcde'}), undefined);
  t.not(validate({text: 'abcdef'}), undefined);
  t.not(validate({}), undefined);
  t.not(validate({text: 'a', flag: true}), undefined);
  t.is(validate({text: 'a', flag: false}), undefined);
});
