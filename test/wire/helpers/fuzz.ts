/**
 * Frames that no client would send: valid ones in any order, changed here and there, cut
 * anywhere, and plain noise. All of it follows from a seed.
 *
 * Whatever comes, the server must not fail by a fault of its own, must hold nothing once
 * the connection is gone, and must answer a good peer.
 */
import {types} from '../../../src/wire/frame.js';
import type {Random} from '../../helpers/random.js';
import {
  block,
  data,
  frame,
  headers,
  message,
  ping,
  requestFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from './frames.js';

const paths = ['/t.T/Echo', '/t.T/Large', '/t.T/Later', '/t.T/Stream', '/t.T/Chat', '/t.T/None', '/'];

export function randomFrame(random: Random): Buffer {
  const bytes = wellFormed(random);
  if (!random.oneIn(8)) return bytes;
  // Something in it changes; rarely its length, behind which nothing makes sense.
  const at = random.oneIn(20) ? random.below(3) : 3 + random.below(bytes.length - 3);
  bytes[at] = random.oneIn(2) ? random.below(256) : bytes[at]! ^ (1 << random.below(8));
  return bytes;
}

function wellFormed(random: Random): Buffer {
  const id = random.oneIn(30) ? random.below(40) : 2 * random.below(20) + 1;
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      return headers(id, requestFields(random.pick(paths), randomFields(random)), randomFlags(random, 4));
    case 3:
      return frame(types.headers, randomFlags(random, 4), id, random.bytes(random.below(30)));
    case 4:
    case 5:
    case 6:
      return data(id, message(Buffer.from(String(random.below(100_000)))), randomFlags(random, 1));
    case 7:
      return data(id, random.bytes(random.below(100)), randomFlags(random, 0));
    case 8:
      return frame(types.continuation, randomFlags(random, 4), id, block(randomFields(random)));
    case 9:
      return windowUpdate(random.oneIn(2) ? 0 : id, random.oneIn(10) ? random.below(2 ** 31) : random.below(100_000));
    case 10:
      return rstStream(id, random.below(14));
    case 11:
      return settings([random.below(8), random.oneIn(5) ? random.below(2 ** 31) : random.below(100_000)]);
    case 12:
      return ping(random.below(2));
    default:
      return random.oneIn(2)
        ? frame(types.priority, 0, id, Buffer.concat([uint32(random.below(40)), Buffer.from([1])]))
        : frame(random.below(256), random.below(256), id, random.bytes(random.below(20)));
  }
}

function randomFlags(random: Random, usual: number): number {
  return random.oneIn(4) ? random.below(256) : usual | random.below(2);
}

function randomFields(random: Random): [string, string][] {
  const fields: [string, string][] = [];
  if (random.oneIn(3)) fields.push(['grpc-timeout', `${random.below(100)}m`]);
  if (random.oneIn(6)) fields.push(['grpc-encoding', random.pick(['gzip', 'identity', 'br'])]);
  if (random.oneIn(6)) fields.push(['content-length', String(random.below(20))]);
  if (random.oneIn(6)) fields.push(['x', 'y'.repeat(random.below(300))]);
  return fields;
}

/** The bytes in pieces of any size, from one byte to all. */
export function cutAnywhere(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = random.oneIn(3) ? 1 + random.below(20) : 1 + random.below(bytes.length);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
