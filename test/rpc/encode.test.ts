/** Encoding with one writer: who is lent the bytes, who owns them, and what a failure leaves behind. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {GetRequest} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {encodeBriefly, encodeMessage} from '../../src/rpc/encode.js';
import type {Writing} from '../../src/rpc/method.js';

const requestOf = (key: string) => GetRequest.fromPartial({key});
const plainly = (key: string) => Buffer.from(GetRequest.encode(requestOf(key)).finish()).toString('hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('both ways give the same bytes as a writer of their own, at any size', t => {
  for (const length of [1, 50, 1000, 65_000, 200_000, 3]) {
    const key = 'k'.repeat(length);
    t.is(hex(encodeBriefly(GetRequest, requestOf(key))), plainly(key));
    t.is(hex(encodeMessage(GetRequest, requestOf(key))), plainly(key));
  }
});

test('bytes of encodeMessage stay as they are; those of encodeBriefly are one memory, used again', t => {
  const owned = encodeMessage(GetRequest, requestOf('first'));
  const lent = encodeBriefly(GetRequest, requestOf('second'));
  const next = encodeBriefly(GetRequest, requestOf('third'));
  t.is(hex(owned), plainly('first'));
  t.is(hex(next), plainly('third'));
  t.is(lent.buffer, next.buffer, 'the writer is where it is looked for in this version of @bufbuild/protobuf');
});

/** Written by hand: so many bytes, each the length of the text. */
const byHand: Writing<{text: string; bytes: number}> = {
  write({text, bytes}, to) {
    to.makeRoom(bytes);
    for (let at = 0; at < bytes; at++) to.byte(text.length);
    if (text === 'fails') throw new Error('midway');
  },
};

test('what is written by hand is in one memory as well, which a very large message does not enlarge for good', t => {
  const written = (bytes: number) => encodeBriefly(byHand, {text: 'abc', bytes});
  const first = written(10);
  t.is(hex(first), '03'.repeat(10));
  t.is(written(20).buffer, first.buffer);
  const large = written(3 * 2 ** 20);
  t.is(large.length, 3 * 2 ** 20);
  t.is(written(3 * 2 ** 20).buffer, large.buffer);
  const tooLarge = written(limits.encoderBytesMost + 1);
  t.not(written(1).buffer, tooLarge.buffer);
});

test('what failed midway by hand is not sent with the next one', t => {
  t.throws(() => encodeBriefly(byHand, {text: 'fails', bytes: 10}), {message: 'midway'});
  t.is(hex(encodeBriefly(byHand, {text: 'a', bytes: 2})), '0101');
  t.is(hex(encodeMessage(byHand, {text: 'ab', bytes: 2})), '0202');
});

test('what a failed message has left behind is not sent with the next one', t => {
  const failing = {
    ...GetRequest,
    encode: (message: GetRequest, writer?: Parameters<typeof GetRequest.encode>[1]) => {
      GetRequest.encode(message, writer);
      throw new Error('midway');
    },
  };
  t.throws(() => encodeBriefly(failing, requestOf('half')), {message: 'midway'});
  t.is(hex(encodeBriefly(GetRequest, requestOf('whole'))), plainly('whole'));
});
