/**
 * Buffers for what is to be sent, used again and again: memory taken anew for each
 * large answer would have the engine collect garbage, which takes longer than the
 * answer.
 */
import {limits} from '../base/index.js';

export const bufferBytes = 64 * 1024;
const kept: Buffer[] = [];
/** All that were made here: others may be as long. */
const ours = new WeakSet<Uint8Array>();

/** A buffer of bufferBytes, or of so many bytes where that is more. */
export function takeBuffer(bytes = bufferBytes): Buffer {
  if (bytes > bufferBytes) return Buffer.allocUnsafeSlow(bytes);
  return kept.pop() ?? makeBuffer();
}

function makeBuffer(): Buffer {
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  ours.add(buffer);
  return buffer;
}

/** Nobody uses it any more; it was taken here. */
export function giveBuffer(buffer: Buffer): void {
  if (buffer.length === bufferBytes && kept.length < limits.wireKeptBuffersMost) kept.push(buffer);
}

/** The same of bytes that may come from elsewhere, and are left to the engine then. */
export function giveIfTaken(bytes: Uint8Array): void {
  if (bytes.length === bufferBytes && ours.has(bytes)) giveBuffer(bytes as Buffer);
}
