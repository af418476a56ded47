/**
 * Messages to bytes.
 *
 * The memory that a writer grows, and the copy that it hands out, are most of what it
 * costs to encode a small message. So one writer is used again and again, and for who
 * is done with the bytes at once there is a view of its memory instead of a copy. The
 * library's writer does not show its memory; where it is not found in the place known
 * from @bufbuild/protobuf 2.17, there is a copy after all. Messages that are written by
 * hand have a buffer of their own. Both are kept with what a large answer made them grow
 * to: memory taken anew for each would have the engine collect garbage, at ten times the
 * cost of the answer.
 */
import {BinaryWriter} from '@bufbuild/protobuf/wire';
import {Beginnings, limits} from '../base/index.js';
import {MessageBuffer} from './message-buffer.js';
import type {Encoder, Writing} from './method.js';

/** What a BinaryWriter keeps to itself. */
interface Inside {
  buffer?: unknown;
  pos?: unknown;
}

let kept: BinaryWriter | undefined;
/** Of its memory. */
let beginnings: Beginnings | undefined;
let keptBuffer: MessageBuffer | undefined;

/** The bytes of a message, in memory of their own. */
export function encodeMessage<T>(codec: Encoder<T> | Writing<T>, message: T): Uint8Array {
  if ('write' in codec) return writeBriefly(codec, message).slice();
  const writer = write(codec, message);
  const bytes = writer.finish();
  keep(writer, bytes.length);
  return bytes;
}

/** The same, but good only until another message is encoded. */
export function encodeBriefly<T>(codec: Encoder<T> | Writing<T>, message: T): Uint8Array {
  if ('write' in codec) return writeBriefly(codec, message);
  const writer = write(codec, message);
  const inside = writer as unknown as Inside;
  const {buffer, pos} = inside;
  if (!(buffer instanceof Uint8Array) || typeof pos !== 'number') return writer.finish();
  inside.pos = 0;
  keep(writer, pos);
  if (kept !== writer) return buffer.subarray(0, pos);
  if (beginnings?.bytes !== buffer) beginnings = new Beginnings(buffer);
  return beginnings.of(pos);
}

function writeBriefly<T>(writing: Writing<T>, message: T): Uint8Array {
  const buffer = keptBuffer ?? new MessageBuffer();
  keptBuffer = undefined;
  buffer.clear();
  writing.write(message, buffer);
  const bytes = buffer.view();
  if (bytes.length <= limits.encoderBytesMost) keptBuffer = buffer;
  return bytes;
}

function write<T>(codec: Encoder<T>, message: T): BinaryWriter {
  const writer = kept ?? new BinaryWriter();
  // One that fails midway is not used again, since it would go on from there.
  kept = undefined;
  codec.encode(message, writer);
  return writer;
}

function keep(writer: BinaryWriter, bytes: number): void {
  if (bytes <= limits.encoderBytesMost) kept = writer;
}
