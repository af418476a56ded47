/** Large bytes in JSON: the same as @bufbuild/protobuf writes, wherever in a message they are. */
import {clone, fromJson, type JsonValue, toJson} from '@bufbuild/protobuf';
import {reflect} from '@bufbuild/protobuf/reflect';
import test from 'ava';
import {largeBytesLeast, takeLargeBytes} from '../../src/transcoding/large-bytes.js';
import {Random, withSeed} from '../helpers/random.js';
import {everything, featuresTranscoder, registry, send} from './helpers/features.js';

/** Base64 of bytes that are large every other time. */
function blob(random: Random): string {
  const around = largeBytesLeast - 2 + random.below(4);
  return Buffer.from(random.bytes(random.oneIn(2) ? around : random.below(20))).toString('base64');
}

function part(random: Random, depth = 0): JsonValue {
  return {text: 'a', blob: blob(random), ...(depth < 2 && random.oneIn(2) ? {deeper: part(random, depth + 1)} : {})};
}

test('what is taken out of a message is put into its JSON', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      const json = Object.fromEntries(
        Object.entries({
          text: 'a',
          blob: blob(random),
          blobs: [blob(random), blob(random)],
          files: JSON.parse(`{"a": "${blob(random)}", "__proto__": "${blob(random)}"}`),
          parts: {1: part(random), [-2]: part(random)},
          items: [part(random), part(random)],
          nested: part(random),
          maybeBlob: blob(random),
          any: {'@type': 'x/test.transcoding.v1.Part', blob: blob(random)},
          ...(random.oneIn(2) ? {last: blob(random)} : {middle: part(random)}),
        }).filter(() => !random.oneIn(3)),
      );
      const message = fromJson(everything, json, {registry});
      const emptied = clone(everything, message);
      const complete = takeLargeBytes(reflect(everything, emptied));
      const rest = toJson(everything, emptied, {registry});
      const {any, maybeBlob, ...own} = rest as Record<string, JsonValue>;
      const longest = Math.max(
        ...JSON.stringify([own, 'at least one'])
          .split('"')
          .map(({length}) => length),
      );
      t.true(longest < Math.ceil(largeBytesLeast / 3) * 4, 'nothing large was left for the JSON');
      t.deepEqual(complete?.(rest) ?? rest, toJson(everything, message, {registry}));
    }
  });
});

test('large bytes come back as they were sent', async t => {
  const transcoder = featuresTranscoder();
  const large = Buffer.alloc(100_000, 'abc').toString('base64');
  const body = JSON.stringify({text: 'a', blob: large, nested: {blob: large}});
  const answer = await send(transcoder, 'POST', '/v1/whole', {body});
  t.deepEqual(answer.json, JSON.parse(body));
});
