/** Encoding with one writer: who is lent the bytes, who owns them, and what a failure leaves behind. */
import test from 'ava';
import {GetRequest} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {encodeBriefly, encodeMessage} from '../../src/rpc/encode.js';

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
