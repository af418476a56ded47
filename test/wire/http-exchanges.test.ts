/** Requests that are not gRPC: who serves them, and how they end. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {data, endStream, type Fields, headers, message} from './helpers/frames.js';
import {startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);

function httpFields(method: string, path: string): Fields {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'here'],
  ];
}

test('requests that are not gRPC reach who serves them', async t => {
  const seen: string[] = [];
  const bench = startBench(t, {
    onHttp: exchange => {
      seen.push(`${exchange.method} ${exchange.path} ${exchange.authority} ${exchange.header('x-custom')}`);
      return {
        data: bytes => void seen.push(Buffer.from(bytes).toString()),
        end: () => {
          exchange.respond(201, [['content-type', 'text/plain']]);
          exchange.write(text('made '));
          exchange.write(text('it'));
          exchange.end();
        },
      };
    },
  });
  const peer = await bench.connect();
  const fields: Fields = [...httpFields('PUT', '/key'), ['x-custom', 'yes']];
  await peer.ask(headers(1, fields), data(1, text('body'), endStream), headers(3, fields, 5));
  t.deepEqual(seen, ['PUT /key here yes', 'body', 'PUT /key here yes']);
  for (const id of [1, 3]) {
    t.like(peer.answer(id), {fields: {':status': '201', 'content-type': 'text/plain'}, ended: true, reset: undefined});
    t.is(peer.dataBytes(id), 7);
  }
});

test('an answer that comes before the rest of its request ends with that, or after a while, or after too much', async t => {
  const bench = startBench(t, {
    onHttp: exchange => {
      exchange.respond(413, []);
      exchange.write(text('too large'));
      exchange.end();
      return {data: () => t.fail('nobody reads'), end: () => t.fail('nobody reads')};
    },
  });
  const peer = await bench.connect();
  const fields = httpFields('PUT', '/key');
  await peer.ask(headers(1, fields), headers(3, fields), headers(5, fields));
  for (const id of [1, 3, 5]) {
    t.like(peer.answer(id), {fields: {':status': '413'}, ended: false, reset: undefined});
    t.is(peer.dataBytes(id), 9);
  }
  await peer.ask(data(1, text('rest')), data(1, text('end'), endStream));
  t.like(peer.answer(1), {ended: true, reset: undefined});
  for (let bytes = 0; bytes <= limits.httpDiscardBytesMost; bytes += 16_000)
    await peer.ask(data(3, Buffer.alloc(16_000)));
  t.like(peer.answer(3), {ended: true, reset: 'NO_ERROR'});
  bench.timers.advance(limits.httpLingerMs - 1);
  await peer.settle();
  t.false(peer.answer(5).ended);
  bench.timers.advance(1);
  await peer.settle();
  t.like(peer.answer(5), {ended: true, reset: 'NO_ERROR'});
  t.is(peer.goAway, undefined);
  t.is(bench.server.counters().heldBytes, 0);
});

test('requests that nobody serves are told which door this is', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  const fields = httpFields('GET', '/');
  await peer.ask(headers(1, fields, 5));
  t.like(peer.answer(1), {fields: {':status': '415'}, ended: true});
  await peer.ask(headers(3, [...fields, ['x', 'y'.repeat(16_000)], ['z', 'z'.repeat(200)]], 5));
  t.like(peer.answer(3), {fields: {':status': '431'}, ended: true});
  await peer.ask(
    headers(5, [...fields, ['content-type', 'application/grpc-web']]),
    data(5, message(text('x')), endStream),
  );
  t.like(peer.answer(5), {fields: {':status': '415'}, ended: true});
});
