/** What the page at /-/docs says of operations and schemas: its files that touch no page. */
import test from 'ava';
import {startServer} from '../helpers/test-server.js';

interface Words {
  typeOf(schema: object): unknown[];
  boundsOf(schema: object): string[];
  shortName(name: string): string;
}
interface Curl {
  curlOf(of: {method: string; path: string; operation: object; origin: string}): string;
}

const folder = new URL('../../src/http/docs/', import.meta.url);
const {typeOf, boundsOf, shortName} = (await import(new URL('describe.js', folder).href)) as Words;
const {curlOf} = (await import(new URL('curl.js', folder).href)) as Curl;

const types: [schema: object, words: unknown[]][] = [
  [{type: 'string'}, ['string']],
  [{type: ['string', 'null']}, ['string']],
  [{type: ['string', 'integer', 'null'], format: 'int64'}, ['string (int64)', ' or integer']],
  [{type: 'string', contentEncoding: 'base64'}, ['string (base64)']],
  [{type: 'string', format: 'date-time'}, ['string (RFC 3339)']],
  [{type: 'array', items: {$ref: '#/components/schemas/a.B'}}, ['list of ', {name: 'a.B'}]],
  [{type: 'object', additionalProperties: {type: 'boolean'}}, ['map to ', 'boolean']],
  [
    {anyOf: [{$ref: '#/components/schemas/a.B'}, {type: 'integer'}, {type: 'null'}]},
    [{name: 'a.B'}, ' or ', 'integer'],
  ],
  [{}, ['anything']],
];
for (const [schema, words] of types) {
  test(`the type of ${JSON.stringify(schema)}`, t => t.deepEqual(typeOf(schema), words));
}

const bounds: [schema: object, words: string[]][] = [
  [{type: 'string', minLength: 1, maxLength: 1024}, ['1 to 1024 characters']],
  [{type: 'array', maxItems: 5}, ['at most 5 items']],
  [{type: 'integer', format: 'uint32', minimum: 0, maximum: 2 ** 32 - 1, default: 100}, ['100 if not given']],
  [{type: 'integer', format: 'uint64', minimum: 1, maximum: 2 ** 64 - 2 ** 11}, ['at least 1']],
  [{type: 'number', minimum: 0, maximum: 1}, ['0 to 1']],
  [{type: 'string', examples: ['1.5s']}, ['such as 1.5s']],
  [{type: 'string', enum: ['', 'true']}, ['one of "", true']],
];
for (const [schema, words] of bounds) {
  test(`the bounds of ${JSON.stringify(schema)}`, t => t.deepEqual(boundsOf(schema), words));
}

test('a name without its package', t => {
  t.is(shortName('krusty.cache.v1.GetResponse.Outcome'), 'GetResponse.Outcome');
  t.is(shortName('plain'), 'plain');
});

test('a line for a shell', async t => {
  const {server} = await startServer(t);
  const origin = `http://${server.address}`;
  const {paths} = (await (await fetch(`${origin}/-/openapi.json`)).json()) as {
    paths: Record<string, Record<string, object>>;
  };
  const line = (method: string, path: string) =>
    curlOf({method, path, operation: paths[path]![method]!, origin: 'http://h'});
  t.is(line('put', '/{key}'), "curl -X PUT 'http://h/greeting?ttl=5m' -H 'content-type: text/plain' -d hello");
  t.is(line('head', '/{key}'), 'curl -I http://h/greeting');
  t.is(line('get', '/-/watch'), "curl -N 'http://h/-/watch?prefix=greet&initial=true'");
  t.is(
    line('post', '/v1/entries/{key}:increment'),
    `curl -X POST http://h/v1/entries/visits:increment -H 'content-type: application/json' -d '{"delta":"1"}'`,
  );
  const parameters = [
    {name: 'key', in: 'path', example: "it's"},
    {name: 'If-None-Match', in: 'header', example: '*'},
  ];
  t.is(
    curlOf({method: 'get', path: '/{key}', operation: {parameters, responses: {}}, origin: 'http://h'}),
    "curl 'http://h/it'\\''s' -H 'if-none-match: *'",
  );
});
