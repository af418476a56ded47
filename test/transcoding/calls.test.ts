/** One call: the size of what it sends and gets, its metadata, its deadline, and a client that goes away. */
import test from 'ava';
import {
  type Call,
  Code,
  type Schedule,
  type ServedMethod,
  StatusError,
  type UnaryMethod,
} from '../../src/transcoding/index.js';
import {CollectingSink} from './helpers/collecting-sink.js';
import {encodeText, featuresTranscoder, pathOf, requestOf, send} from './helpers/features.js';

const transcoder = featuresTranscoder();

// Sizes

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

test('a body may come in pieces', async t => {
  const headers = {'content-type': 'application/json'};
  const answer = await send(transcoder, 'POST', '/v1/whole', {headers, body: chunksOf('{"te', 'xt":"', 'a"}')});
  t.deepEqual(answer.json, {text: 'a'});
});

test('a body too large is 413, and is not read further than needed', async t => {
  const served = featuresTranscoder({requestBytesMost: 10});
  const headers = {'content-type': 'application/json'};
  t.is((await send(served, 'POST', '/v1/whole', {body: '{         }'})).status, 413);
  t.is((await send(served, 'POST', '/v1/whole', {body: '{        }'})).status, 200);

  let pieces = 0;
  async function* endless() {
    for (;;) {
      pieces++;
      yield Buffer.from('    ');
    }
  }
  const answer = await send(served, 'POST', '/v1/whole', {headers, body: endless()});
  t.deepEqual([answer.status, pieces], [413, 3]);
  t.regex(answer.text, /larger than 10 bytes/);

  const announced = await send(served, 'POST', '/v1/whole', {
    headers: {...headers, 'content-length': '11'},
    body: endless(),
  });
  t.deepEqual([announced.status, pieces], [413, 3]);
});

test('a request that is refused anyway is not read', async t => {
  // biome-ignore lint/correctness/useYield: it is not to be read
  async function* unread(): AsyncGenerator<Uint8Array> {
    t.fail('the body was read');
  }
  const statuses = [];
  for (const [method, target, headers] of [
    ['GET', '/nowhere', {}],
    ['GET', '/v1/whole', {}],
    ['POST', '/v1/whole', {'content-type': 'text/plain'}],
    ['POST', '/v1/whole', {'content-type': 'application/json', accept: 'text/html'}],
    ['POST', '/v1/whole', {'content-type': 'application/json', 'grpc-timeout': 'x'}],
  ] as const) {
    statuses.push((await send(transcoder, method, target, {headers, body: unread()})).status);
  }
  t.deepEqual(statuses, [404, 405, 415, 406, 400]);
});

test('a body that breaks off is no answer of the method', async t => {
  async function* breaking() {
    yield Buffer.from('{}');
    throw new StatusError(Code.CANCELLED, 'the client has gone');
  }
  const headers = {'content-type': 'application/json'};
  t.is((await send(transcoder, 'POST', '/v1/whole', {headers, body: breaking()})).status, 499);
});

test('a response too large is refused', async t => {
  const answer = await send(featuresTranscoder({responseBytesMost: 10}), 'GET', '/v1/query?text=aaaaaaaaaaa');
  t.is(answer.status, 500);
  t.regex(answer.text, /response is larger than 10 bytes/);
});

// Metadata, deadlines, cancellation

/** A method that tells what it is asked to look at. */
function asking(look: (call: Call) => unknown): UnaryMethod {
  return {
    kind: 'unary',
    path: pathOf('Query'),
    handle: (_, call) => encodeText(JSON.stringify(look(call) ?? null)),
  };
}

const metadata: [headers: Record<string, string | string[]>, name: string, value: string | null][] = [
  [{authorization: 'Bearer a'}, 'authorization', 'Bearer a'],
  [{'x-request-id': 'a'}, 'x-request-id', 'a'],
  [{'x-many': ['a', 'b']}, 'x-many', 'a, b'],
  [{'grpc-metadata-tenant': 'a'}, 'tenant', 'a'],
  [{'grpc-metadata-trace-bin': 'AAE='}, 'trace-bin', 'AAE='],
  [{tenant: 'a', 'grpc-metadata-tenant': 'b'}, 'tenant', 'a'],
  [{'grpc-metadata-tenant': 'b', tenant: 'a'}, 'tenant', 'a'],
  [{'grpc-timeout': '5S'}, 'grpc-timeout', null],
  [{'grpc-metadata-grpc-status': '0'}, 'grpc-status', null],
  [{'grpc-metadata-connection': 'a'}, 'connection', null],
  [{':path': '/x', 'grpc-metadata-:path': '/y'}, ':path', null],
  [{'grpc-metadata-': 'a'}, '', null],
  [{connection: 'keep-alive, X-Hop', 'x-hop': 'a'}, 'x-hop', null],
  [{'transfer-encoding': 'chunked'}, 'transfer-encoding', null],
  [{host: 'a'}, 'host', null],
];

for (const [headers, name, value] of metadata) {
  test(`the metadata "${name}" of ${JSON.stringify(headers)} is ${value}`, async t => {
    const served = featuresTranscoder({}, [asking(call => call.metadata(name))]);
    const answer = await send(served, 'GET', '/v1/query', {headers});
    t.deepEqual(answer.json, {text: JSON.stringify(value)});
  });
}

test('which headers are metadata can be chosen', async t => {
  const metadataName = (header: string) => (header.startsWith('x-') ? header.slice(2) : undefined);
  const served = featuresTranscoder({metadataName}, [asking(call => [call.metadata('a'), call.metadata('b')])]);
  const answer = await send(served, 'GET', '/v1/query', {headers: {'x-a': '1', b: '2'}});
  t.deepEqual(answer.json, {text: '["1",null]'});
});

test('a method can set headers, but none that the transport needs and none that are none', async t => {
  const served = featuresTranscoder({onFault: () => {}}, [
    asking(call => {
      call.sendMetadata('ETag', '"5"');
      call.sendMetadata('Connection', 'close');
      call.sendMetadata('Content-Type', 'text/html');
    }),
    {
      kind: 'unary',
      path: pathOf('Nested'),
      handle(request, call) {
        call.sendMetadata('x', 'a\r\nset-cookie: b');
        return request;
      },
    },
  ]);
  const answer = await send(served, 'GET', '/v1/query');
  t.deepEqual(answer.headers, {etag: '"5"', 'content-type': 'application/json', 'content-length': '15'});
  t.is((await send(served, 'GET', '/v1/nested')).status, 500);
});

const timeouts: [headers: Record<string, string>, timeoutMs: number][] = [
  [{'grpc-timeout': '2H'}, 7_200_000],
  [{'grpc-timeout': '3M'}, 180_000],
  [{'grpc-timeout': '4S'}, 4000],
  [{'grpc-timeout': '10m'}, 10],
  [{'grpc-timeout': '500u'}, 0.5],
  [{'grpc-timeout': '1000n'}, 0.001],
  [{'grpc-timeout': '0S'}, 0],
  [{'grpc-timeout': '99999999H'}, 99999999 * 3_600_000],
  [{'x-server-timeout': '1.5'}, 1500],
  [{'x-server-timeout': '2', 'grpc-timeout': '3S'}, 2000],
  [{'x-server-timeout': '4', 'grpc-timeout': '3S'}, 3000],
];

for (const [headers, timeoutMs] of timeouts) {
  test(`the timeout of ${JSON.stringify(headers)} is ${timeoutMs} ms`, async t => {
    const served = featuresTranscoder({schedule: () => () => {}}, [asking(call => call.timeoutMs)]);
    const answer = await send(served, 'GET', '/v1/query', {headers});
    t.deepEqual(answer.json, {text: String(timeoutMs)});
  });
}

for (const value of ['', '5', 'S', '-1S', '1.5S', '123456789S', '5s', '5 S', '5Sx']) {
  test(`"${value}" is no Grpc-Timeout`, async t => {
    t.is((await send(transcoder, 'GET', '/v1/query', {headers: {'grpc-timeout': value}})).status, 400);
  });
}

/** A schedule that runs what is due when the test says so. */
function manualSchedule() {
  const due: {delayMs: number; run: () => void}[] = [];
  const schedule: Schedule = (delayMs, run) => {
    const entry = {delayMs, run};
    due.push(entry);
    return () => due.splice(due.indexOf(entry), 1);
  };
  return {due, schedule};
}

/** A method that answers when the test says so. */
function waiting() {
  const calls: {answer: (bytes: Uint8Array) => void; signal: AbortSignal}[] = [];
  const method: UnaryMethod = {
    kind: 'unary',
    path: pathOf('Query'),
    handle: (_, {signal}) => new Promise(answer => calls.push({answer, signal})),
  };
  return {calls, method};
}

test('at its deadline a call is answered 504 and cancelled', async t => {
  const {due, schedule} = manualSchedule();
  const {calls, method} = waiting();
  const sent = send(featuresTranscoder({schedule}, [method]), 'GET', '/v1/query', {headers: {'grpc-timeout': '10m'}});
  t.deepEqual(
    due.map(({delayMs}) => delayMs),
    [10],
  );
  t.false(calls[0]!.signal.aborted);
  due[0]!.run();
  const answer = await sent;
  t.is(answer.status, 504);
  t.is((answer.json as {code: number}).code, Code.DEADLINE_EXCEEDED);
  t.true(calls[0]!.signal.aborted);
  calls[0]!.answer(encodeText('too late'));
});

test('a deadline is called off by the answer', async t => {
  const {due, schedule} = manualSchedule();
  const {calls, method} = waiting();
  const sent = send(featuresTranscoder({schedule}, [method]), 'GET', '/v1/query', {headers: {'grpc-timeout': '1S'}});
  calls[0]!.answer(encodeText('a'));
  t.deepEqual((await sent).json, {text: 'a'});
  t.is(due.length, 0);
});

test('a call is cancelled when its client goes away, and nothing is sent any more', async t => {
  const {calls, method} = waiting();
  const sink = new CollectingSink();
  featuresTranscoder({}, [method]).serve(requestOf('GET', '/v1/query'), sink);
  sink.leave();
  t.true(calls[0]!.signal.aborted);
  calls[0]!.answer(encodeText('a'));
  await Promise.resolve();
  t.is((await sink.closed).status, 0);
});

test('a method that is called after its client has gone while the body came is not called', async t => {
  const sink = new CollectingSink();
  let resume = () => {};
  async function* slow() {
    yield Buffer.from('{}');
    await new Promise<void>(resolve => {
      resume = resolve;
    });
  }
  const method: ServedMethod = {
    kind: 'unary',
    path: pathOf('Whole'),
    handle() {
      t.fail('the method was called');
      return new Uint8Array();
    },
  };
  const body = slow();
  featuresTranscoder({}, [method]).serve(
    requestOf('POST', '/v1/whole', {headers: {'content-type': 'application/json'}, body}),
    sink,
  );
  await Promise.resolve();
  sink.leave();
  resume();
  await body.return(undefined);
  t.is((await sink.closed).status, 0);
});
