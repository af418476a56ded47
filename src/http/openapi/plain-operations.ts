/**
 * Plain keys and the server's own paths as the document describes them: by hand, since no
 * descriptor does. What serves them is raw-keys.ts, events.ts, metrics.ts and text-page.ts.
 */
import {limits} from '../../base/index.js';
import type {Operation, Parameter, Part, PathItem} from '../../transcoding/index.js';
import {valueForms} from '../event-format.js';
import type {Bounds} from './json-bounds.js';

export const plainTags = [
  {name: 'Plain keys', description: 'The path is the key, the body is the value.'},
  {name: 'Server', description: 'What the server tells of itself and of changes.'},
];

export function plainPaths(bounds: Bounds): Record<string, PathItem> {
  return {
    '/{key}': keyOperations(bounds, ''),
    '/-/raw/{key}': keyOperations(bounds, '_raw'),
    '/-/watch': {get: watch(bounds), head: watchHead(bounds)},
    '/-/healthy': {get: textPage('isHealthy', 'Whether the process is there', 'ok\n')},
    '/-/ready': {get: ready},
    '/-/metrics': {get: textPage('getMetrics', 'Metrics for Prometheus', '# TYPE krusty_entries gauge\n')},
  };
}

const revisionTag = {type: 'string', pattern: '^"[0-9]+"$'};
const etag = {ETag: {description: 'Names this very value: the revision in quotes.', schema: revisionTag}};
const anyValue = {'*/*': {schema: {}, example: 'hello'}};

/** `suffix` tells apart what is the same at two paths. */
function keyOperations({maxKeyBytes}: Bounds, suffix: string): PathItem {
  const key: Parameter = {
    name: 'key',
    in: 'path',
    required: true,
    description:
      suffix === ''
        ? `The key, percent-encoded: 1 to ${maxKeyBytes} bytes of UTF-8. Its slashes may also stand as they are. No segment may be \`.\` or \`..\`; a key whose first segment is \`-\`, \`v\` with digits, or begins with \`krusty.\` or \`grpc.\` is reached by \`/-/raw/{key}\`.`
        : `Any key, percent-encoded: 1 to ${maxKeyBytes} bytes of UTF-8. No segment may be \`.\` or \`..\`.`,
    schema: {type: 'string', minLength: 1, maxLength: maxKeyBytes, pattern: suffix === '' ? unreserved : noDotSegments},
    example: 'greeting',
  };
  const id = (name: string) => ({operationId: `${name}${suffix}`, tags: ['Plain keys']});
  return {
    put: {...id('putKey'), summary: 'Stores a value under a key', description: storing, ...store(key)},
    post: {...id('postKey'), summary: 'Stores a value under a key, as PUT does', description: storing, ...store(key)},
    get: {...id('getKey'), summary: 'Fetches the value of a key', ...fetchKey(key, anyValue)},
    head: {...id('headKey'), summary: 'Tells of a key what GET tells, without the value', ...fetchKey(key, undefined)},
    delete: {
      ...id('deleteKey'),
      summary: 'Removes a key',
      parameters: [key, namespace, ifMatch],
      responses: {204: {description: 'It was removed.'}, ...failures([400, 412]), 404: noEntry},
    },
    options: {
      ...id('keyOptions'),
      summary: 'Tells what may be done with a key',
      // Of whatever length: it is not looked up.
      parameters: [{...key, schema: {...key.schema, maxLength: undefined}}],
      responses: {
        204: {description: 'What is allowed.', headers: {Allow: {schema: {type: 'string'}}}},
        ...failures([400]),
      },
    },
  };
}

/** Percent-decoded. */
const noDotSegments = '^(?!(?:.*/)?\\.{1,2}(?:/|$))';
const unreserved = `${noDotSegments}(?!-(?:/|$)|v[0-9]+(?:/|$)|krusty\\.|grpc\\.)`;

const namespace: Parameter = {
  name: 'namespace',
  in: 'query',
  description: 'The namespace; empty means `default`.',
  schema: {type: 'string', pattern: `^(?:${limits.namespaceName.source.slice(1, -1)})?$`},
};

/** Digits that come to less than 100 years, all together. */
const unitsOfTime = `(?:${amount(4)}d)?(?:${amount(5)}h)?(?:${amount(7)}m)?(?:${amount(8)}s)?(?:${amount(9)}ms)?`;

function amount(digits: number): string {
  return `[0-9]{1,${digits}}(?:\\.[0-9]{1,9})?`;
}

const ttl: Parameter = {
  name: 'ttl',
  in: 'query',
  description:
    'How long the entry lives: `5m`, `1h30m`, `250ms`, or a number of seconds; at most 100 years. Zero means the default of the namespace.',
  schema: {type: 'string', minLength: 1, pattern: `^(?:${amount(9)}|${unitsOfTime})$`},
  example: '5m',
};

const maxAge: Parameter = {
  name: 'Cache-Control',
  in: 'header',
  description: 'Its `max-age`, in seconds, is the TTL where there is no `ttl`; the rest of it says nothing here.',
  schema: {type: 'string', examples: ['max-age=300']},
};

/** A list of entity tags, some of whose elements may be empty. */
const tag = '[ \\t]*(?:(?:W/)?"[!#-~\\x80-\\xff]*"[ \\t]*)?';
const tagList = `^(?:\\*|${tag}(?:,${tag}){0,${limits.httpTagsMost - 1}})$`;

const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  description: `Only if the entry has one of these tags, at most ${limits.httpTagsMost} of them; \`*\` means that there is one.`,
  schema: {type: 'string', pattern: tagList, examples: ['*']},
};

const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: `304 if the entry still has one of these tags, at most ${limits.httpTagsMost} of them.`,
  schema: {type: 'string', pattern: tagList, examples: ['"1795323855914127"']},
};

const ifNew: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'With `*`: only if there is no such entry. Not together with `If-Match`.',
  schema: {type: 'string', enum: ['*']},
};

const storing =
  'The body is the value, as it is, and its `Content-Type` is kept with it. A value may be as large as the server takes; one that is larger is refused before it is sent, if the client asks with `Expect: 100-continue`.';

function store(key: Parameter): Pick<Operation, 'parameters' | 'requestBody' | 'responses'> {
  return {
    parameters: [key, namespace, ttl, maxAge, ifMatch, ifNew],
    requestBody: {
      description: 'The value. Nothing is a value too.',
      content: {
        'text/plain': {schema: {type: 'string'}, example: 'hello'},
        'application/octet-stream': {schema: {}, example: 'hello'},
      },
    },
    responses: {
      201: {description: 'It is stored, and there was no such entry.', headers: etag},
      204: {description: 'It is stored, in place of what was there.', headers: etag},
      ...failures([400, 404, 412, 413, 415]),
    },
  };
}

function fetchKey(key: Parameter, content: Part | undefined): Pick<Operation, 'parameters' | 'responses'> {
  const headers = {...etag, 'Cache-Control': {schema: {type: 'string'}}};
  return {
    parameters: [key, namespace, ifMatch, ifNoneMatch],
    responses: {
      200: {description: 'The value, with the type that was stored with it.', headers, ...(content ? {content} : {})},
      304: {description: 'The entry still has the tag of `If-None-Match`.', headers: etag},
      ...(content ? {...failures([400, 412]), 404: noEntry} : failuresWithoutBody([400, 404, 412])),
    },
  };
}

function watchParameters({maxKeyBytes}: Bounds): Parameter[] {
  const query = (name: string, description: string, schema: Part, more: Part = {}): Parameter => ({
    name,
    in: 'query',
    description,
    schema,
    ...more,
  });
  const keys = {type: 'array', items: {type: 'string', maxLength: maxKeyBytes}, maxItems: limits.watchTargetsMost};
  const changes = ['put', 'touch', 'delete', 'expire', 'evict', 'purge'];
  return [
    query(
      'prefix',
      'Follow the keys that begin so, each as often as you like; an empty one means all. It or `key` is needed.',
      keys,
      {example: ['greet']},
    ),
    query('key', 'Follow this key.', {...keys, items: {...keys.items, minLength: 1}}),
    namespace,
    query(
      'initial',
      'First everything that there is. Without a value it means yes.',
      {type: 'string', enum: ['', 'true', 'false']},
      {example: 'true'},
    ),
    query('events', 'Only these changes.', {type: 'array', items: {type: 'string', enum: changes}}),
    query('previous', 'What there was before each change, too.', {type: 'string', enum: ['', 'true', 'false']}),
    query('values', 'The form of values; `text`, the value alone, is for one key and no prefix.', {
      type: 'string',
      enum: [...valueForms],
    }),
    query('from', 'The id to go on behind, for who cannot set `Last-Event-ID`.', {type: 'string'}),
    {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'The id to go on behind; an `EventSource` sends it by itself.',
      schema: {type: 'string'},
    },
  ];
}

const watchText =
  'Events are `put`, `touch`, `delete`, `expire`, `evict`, `purge`, `listed`, `snapshot-end`, `gap` and `draining`; their data is JSON. Each has an `id`: a client that comes back with the last one misses nothing, or is told so by `gap`, behind which everything is listed. The stream does not end by itself.';

function watch(bounds: Bounds): Operation {
  const example =
    'retry: 2000\n: watching\nid: 2s3k.hmp0w4jz2j\n\nevent: listed\ndata: {"key":"greeting","revision":"1795323855914127","text":"hello"}\n\n';
  return {
    operationId: 'watchEvents',
    tags: ['Server'],
    summary: 'Changes as they happen, as server-sent events',
    description: watchText,
    parameters: watchParameters(bounds),
    responses: {
      200: {description: 'The events.', content: {'text/event-stream': {schema: {type: 'string'}, example}}},
      ...failures([400, 404, 409, 429, 503]),
    },
  };
}

function watchHead(bounds: Bounds): Operation {
  return {
    operationId: 'checkWatchEvents',
    tags: ['Server'],
    summary: 'Checks what a watch is asked, without beginning it',
    parameters: watchParameters(bounds),
    responses: {200: {description: 'It could be begun.'}, ...failuresWithoutBody([400])},
  };
}

function textPage(operationId: string, summary: string, example: string): Operation {
  const content = {'text/plain': {schema: {type: 'string'}, example}};
  return {operationId, tags: ['Server'], summary, responses: {200: {description: 'A text.', content}, ...failures([])}};
}

const ready: Operation = {
  ...textPage('isReady', 'Whether to send requests here', 'ready\n'),
  description: '503 as soon as the server is told to stop.',
};
Object.assign(ready.responses, failures([503]));

const noEntry = {$ref: '#/components/responses/NoEntry'};

/** The failures that an operation tells of by name, and all others. */
function failures(statuses: readonly number[]): Part {
  const named = statuses.map(status => [status, {$ref: `#/components/responses/Error${status}`}] as const);
  return {...Object.fromEntries(named), default: {$ref: '#/components/responses/Error'}};
}

/** The same, as an answer to HEAD. */
function failuresWithoutBody(statuses: readonly number[]): Part {
  const named = statuses.map(status => [status, {description: 'As for GET, without the body.'}] as const);
  return {...Object.fromEntries(named), default: {description: 'The call failed.'}};
}
