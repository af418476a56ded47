/** Streams of responses: their formats, their ends, how they fail, and who is slow or gone. */
import test from 'ava';
import {
  Code,
  fromIterable,
  type OutStream,
  type ServedMethod,
  StatusError,
  type TranscoderOptions,
} from '../../src/transcoding/index.js';
import {type Answer, CollectingSink} from './helpers/collecting-sink.js';
import {encodeText, featuresTranscoder, pathOf, requestOf, send} from './helpers/features.js';

const transcoder = featuresTranscoder();
const twoTags = '/v1/watch?tags=a&tags=b';

function watch(accept?: string, target = twoTags): Promise<Answer> {
  return send(transcoder, 'GET', target, accept === undefined ? {} : {headers: {accept}});
}

test('a stream is lines of JSON, each sent for itself', async t => {
  for (const accept of [undefined, '', '*/*', 'application/x-ndjson', 'application/*', 'application/json;q=0.5, */*']) {
    const answer = await watch(accept);
    t.is(answer.status, 200);
    t.is(answer.headers['content-type'], 'application/x-ndjson');
    t.is(answer.headers['content-length'], undefined);
    t.deepEqual(answer.chunks, ['{"result":{"text":"a"}}\n', '{"result":{"text":"b"}}\n']);
  }
});

test('a stream is server-sent events if asked for', async t => {
  const answer = await watch('text/event-stream');
  t.is(answer.headers['content-type'], 'text/event-stream');
  t.is(answer.headers['cache-control'], 'no-cache');
  t.deepEqual(answer.chunks, ['data: {"text":"a"}\n\n', 'data: {"text":"b"}\n\n']);
});

test('a stream is one JSON array if asked for', async t => {
  const answer = await watch('application/json');
  t.is(answer.headers['content-type'], 'application/json');
  t.is(answer.chunks.length, 3);
  t.deepEqual(answer.json, [{result: {text: 'a'}}, {result: {text: 'b'}}]);
});

test('an event is one line, whatever is in it', async t => {
  const answer = await watch('text/event-stream', '/v1/watch?tags=a%0D%0A%0Ab%E2%80%A8');
  t.is(answer.text, 'data: {"text":"a\\r\\n\\nb\u2028"}\n\n');
});

test('a stream of nothing is empty, and an empty array', async t => {
  t.deepEqual((await watch(undefined, '/v1/watch')).text, '');
  t.deepEqual((await watch('text/event-stream', '/v1/watch')).text, '');
  t.deepEqual((await watch('application/json', '/v1/watch')).json, []);
});

test('a stream may answer a field of each message, and take a body', async t => {
  const texts = await watch(undefined, '/v1/watchText?tags=a&tags=');
  t.is(texts.text, '{"result":"a"}\n{"result":""}\n');
  const posted = await send(transcoder, 'POST', '/v1/watch', {body: '{"tags":["a"]}'});
  t.is(posted.text, '{"result":{"text":"a"}}\n');
});

test('a stream of HttpBody is their bytes under the type of the first', async t => {
  const answer = await watch('text/html', '/v1/download?tags=a&tags=b%0A&tags=c');
  t.is(answer.headers['content-type'], 'text/part-0');
  t.deepEqual(answer.chunks, ['a', 'b\n', 'c']);
  const empty = await watch(undefined, '/v1/download');
  t.deepEqual([empty.status, empty.headers['content-type'], empty.text], [200, 'application/octet-stream', '']);
});

test('HEAD of a stream is answered without running it to its end', async t => {
  const opened = open({method: 'HEAD'});
  const answer = await opened.sink.closed;
  t.deepEqual([answer.status, answer.headers['content-type'], answer.text], [200, 'application/x-ndjson', '']);
  t.is(opened.closes, 1);
});

/** A stream whose other end is in the test's hands. */
function open({
  accept = '*/*',
  method = 'GET',
  name = 'Watch',
  target = '/v1/watch',
  onFault = (_: unknown) => {},
} = {}) {
  const opened = {sink: new CollectingSink(), out: undefined as unknown as OutStream, drains: 0, closes: 0};
  const served: ServedMethod = {
    kind: 'serverStream',
    path: pathOf(name),
    handle(_, out) {
      opened.out = out;
      out.onDrain(() => opened.drains++);
      out.onClose(() => opened.closes++);
    },
  };
  featuresTranscoder({onFault}, [served]).serve(requestOf(method, target, {headers: {accept}}), opened.sink);
  return opened;
}

test('the status is sent when the method has returned, before there is a message', t => {
  const {sink} = open({accept: 'text/event-stream'});
  t.is(sink.status, 200);
  t.is(sink.headers['content-type'], 'text/event-stream');
});

const failure = new StatusError(Code.OUT_OF_RANGE, 'too far');
const failureJson = '{"code":11,"message":"too far"}';

const lastElements: Record<string, [afterOne: string, afterNone: string]> = {
  'application/x-ndjson': [`{"result":{"text":"a"}}\n{"error":${failureJson}}\n`, `{"error":${failureJson}}\n`],
  'text/event-stream': [
    `data: {"text":"a"}\n\nevent: error\ndata: ${failureJson}\n\n`,
    `event: error\ndata: ${failureJson}\n\n`,
  ],
  'application/json': [`[{"result":{"text":"a"}},\n{"error":${failureJson}}]`, `[{"error":${failureJson}}]`],
};

for (const [accept, [afterOne, afterNone]] of Object.entries(lastElements)) {
  test(`a stream as ${accept} that fails says so in its last element`, async t => {
    const one = open({accept});
    one.out.write(encodeText('a'));
    one.out.end(failure);
    t.is((await one.sink.closed).text, afterOne);
    const none = open({accept});
    none.out.end(failure);
    const answer = await none.sink.closed;
    t.deepEqual([answer.status, answer.text, answer.isAborted], [200, afterNone, false]);
  });
}

test('a stream of bytes that fails is broken off, since its bytes cannot say so', async t => {
  const {sink, out} = open({name: 'Download', target: '/v1/download'});
  t.is(sink.status, 0, 'its type is not known before there is a message');
  out.write(new Uint8Array());
  out.end(failure);
  const answer = await sink.closed;
  t.deepEqual([answer.status, answer.isAborted], [200, true]);
});

const earlyFailures: Record<string, ServedMethod & {kind: 'serverStream'}> = {
  'thrown by the method': {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle() {
      throw failure;
    },
  },
  'that ends it before it returned': {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle: (_, out) => out.end(failure),
  },
  'of a promise': {kind: 'serverStream', path: pathOf('Watch'), handle: () => Promise.reject(failure)},
  'of an iterable before its first message': {
    kind: 'serverStream',
    path: pathOf('Watch'),
    // biome-ignore lint/correctness/useYield: it fails before
    handle: fromIterable(async function* () {
      throw failure;
    }),
  },
};

for (const [what, method] of Object.entries(earlyFailures)) {
  test(`a failure ${what} has a status of its own`, async t => {
    const answer = await send(featuresTranscoder({}, [method]), 'GET', '/v1/watch', {
      headers: {accept: 'text/event-stream'},
    });
    t.deepEqual([answer.status, answer.headers['content-type'], answer.text], [400, 'application/json', failureJson]);
  });
}

test('a promise that fails after a message is told of in the stream', async t => {
  const method: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    async handle(_, out) {
      out.write(encodeText('a'));
      throw failure;
    },
  };
  const answer = await send(featuresTranscoder({}, [method]), 'GET', '/v1/watch');
  t.is(answer.text, lastElements['application/x-ndjson']![0]);
});

test('a message that cannot be written is a fault that ends the stream', async t => {
  const faults: unknown[] = [];
  const method: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle(_, out) {
      out.write(encodeText('a'));
      out.write(Uint8Array.of(255));
      out.write(encodeText('b'));
      out.end();
    },
  };
  const answer = await send(featuresTranscoder({onFault: fault => faults.push(fault)}, [method]), 'GET', '/v1/watch');
  t.is(answer.text, '{"result":{"text":"a"}}\n{"error":{"code":13,"message":"internal error"}}\n');
  t.is(faults.length, 1);
});

test('a message that cannot be written later on does not throw at its writer', async t => {
  const faults: unknown[] = [];
  const {sink, out} = open({onFault: fault => faults.push(fault)});
  t.notThrows(() => out.write(Uint8Array.of(255)));
  t.is((await sink.closed).text, '{"error":{"code":13,"message":"internal error"}}\n');
  t.is(faults.length, 1);
});

test('a message too large ends the stream, and says so', async t => {
  const options: Partial<TranscoderOptions> = {responseBytesMost: 4};
  const answer = await send(featuresTranscoder(options), 'GET', '/v1/watch?tags=ab&tags=abc&tags=a');
  t.regex(answer.text, /^{"result":{"text":"ab"}}\n{"error":{"code":8,.*larger than 4 bytes.*\n$/);
});

test('who is slow is waited for', t => {
  const opened = open();
  t.true(opened.out.write(encodeText('a')));
  opened.sink.isOpen = false;
  t.false(opened.out.write(encodeText('b')));
  opened.sink.drain();
  t.is(opened.drains, 1);
  t.true(opened.out.write(encodeText('c')));
});

test('who has gone ends the call, once, and is sent nothing more', async t => {
  const opened = open();
  opened.out.write(encodeText('a'));
  opened.sink.leave();
  opened.sink.leave();
  t.is(opened.closes, 1);
  t.true(opened.out.write(encodeText('b')));
  opened.out.end(failure);
  t.is((await opened.sink.closed).text, '{"result":{"text":"a"}}\n');
});

test('the end of a stream is told to its method once, also if it asks later', t => {
  const opened = open();
  opened.out.end();
  opened.out.end(failure);
  t.is(opened.closes, 1);
  let isTold = false;
  opened.out.onClose(() => {
    isTold = true;
  });
  t.true(isTold);
});

test('at its deadline a stream ends with an error', async t => {
  let run = () => {};
  const method: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle: (_, out) => void out.write(encodeText('a')),
  };
  const schedule: TranscoderOptions['schedule'] = (_, later) => {
    run = later;
    return () => {};
  };
  const sent = send(featuresTranscoder({schedule}, [method]), 'GET', '/v1/watch', {headers: {'grpc-timeout': '1S'}});
  run();
  t.regex((await sent).text, /^{"result":{"text":"a"}}\n{"error":{"code":4,"message":"no answer was complete/);
});

// Iterables

test('an iterable is asked for more when the client has taken what there was', async t => {
  let made = 0;
  const method: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle: fromIterable(async function* () {
      for (; made < 5; made++) yield encodeText(String(made));
    }),
  };
  const sink = new CollectingSink();
  sink.isOpen = false;
  featuresTranscoder({}, [method]).serve(requestOf('GET', '/v1/watch'), sink);
  await settle();
  t.deepEqual([made, sink.chunks.length], [0, 1]);
  sink.drain();
  const answer = await sink.closed;
  t.deepEqual([made, answer.chunks.length], [5, 5]);
});

test('an iterable is left when the client has gone', async t => {
  const steps: string[] = [];
  const method: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle: fromIterable(async function* () {
      try {
        for (;;) yield encodeText('a');
      } finally {
        steps.push('left');
      }
    }),
  };
  const sink = new CollectingSink();
  sink.isOpen = false;
  featuresTranscoder({}, [method]).serve(requestOf('GET', '/v1/watch'), sink);
  await settle();
  sink.leave();
  await settle();
  t.deepEqual([steps, sink.chunks.length], [['left'], 1]);
});

test('an iterable that fails ends the stream with its error', async t => {
  const method: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle: fromIterable(async function* () {
      yield encodeText('a');
      throw failure;
    }),
  };
  const answer = await send(featuresTranscoder({}, [method]), 'GET', '/v1/watch');
  t.is(answer.text, lastElements['application/x-ndjson']![0]);
});

/** Lets all that is ready run. */
function settle(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve);
  });
}
