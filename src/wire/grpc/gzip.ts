/**
 * Messages in gzip, both ways, for all calls of a server.
 *
 * What a request inflates to stands at its end (RFC 1952, section 2.3.1), so one that would
 * be too large is refused unread, and one that becomes more than it says is cut off there.
 *
 * Small ones are done at once, but only so many bytes in a turn of the event loop.
 * What is larger, or comes beyond that, is for a thread of zlib, one at a time
 * and in the order in which it came. A request has to wait for that; an answer need
 * not be compressed, so where it would have to wait it is sent as it is.
 */
import {gunzip, gunzipSync, gzip, gzipSync, constants as zlib} from 'node:zlib';
import {limits} from '../../base/index.js';
import {StatusError} from '../../rpc/index.js';
import {tooLarge, viewOf} from './messages.js';
import {codes} from './status.js';

/** Values that are cached have mostly been made small where it matters: the least effort gives most of the gain. */
const gzipOptions = {level: zlib.Z_BEST_SPEED};

/** RFC 1952, section 2.3: the least header and trailer, and what a member begins with. */
const memberBytesLeast = 18;
const memberBeginning = [0x1f, 0x8b];
/** RFC 1951: a match of 258 bytes takes two bits, that of its length and that of its distance. */
const inflationMost = (258 * 8) / 2;

interface Work {
  begin: (done: () => void) => unknown;
  /** Whether anybody still waits for it. */
  isWanted: () => boolean;
}

export interface InflateOptions {
  bytesMost: number;
  /** Whether anybody still waits for it. */
  isWanted: () => boolean;
}

export class Gzip {
  readonly #soon: (run: () => void) => void;
  /** Bytes done at once since the last turn of the event loop, before and after. */
  #turnBytes = 0;
  /** Work given to threads that is not done, and what waits for its turn. */
  #running = 0;
  readonly #waiting: Work[] = [];

  /** `soon` calls in the next turn of the event loop. */
  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
  }

  /** What a message inflates to, at once or later, if it is still wanted then; or why it does not. */
  inflate(message: Uint8Array, {bytesMost, isWanted}: InflateOptions): Uint8Array | StatusError | Promise<Uint8Array> {
    const bytes = inflatedBytes(message);
    if (bytes === undefined) return invalid();
    if (bytes > bytesMost) return tooLarge(bytesMost);
    // One byte more than there should be tells that it is not more.
    const chunkSize = Math.min(Math.max(zlib.Z_MIN_CHUNK, bytes + 1), zlib.Z_DEFAULT_CHUNK);
    const options = {maxOutputLength: Math.max(1, bytes), chunkSize};
    const workBytes = Math.max(bytes, message.length);
    if (this.#hasTime(workBytes)) {
      this.#count(workBytes);
      try {
        return arrayOf(gunzipSync(message, options));
      } catch {
        return invalid();
      }
    }
    return new Promise((resolve, reject) => {
      const begin = (done: () => void) =>
        gunzip(message, options, (error, inflated) => {
          done();
          if (error) reject(invalid());
          else resolve(arrayOf(inflated));
        });
      this.#onThread({begin, isWanted});
    });
  }

  /** The message compressed, if that can be done now and pays. */
  compressAtOnce(message: Uint8Array): Uint8Array | undefined {
    if (message.length < limits.wireGzipBytesLeast || !this.#hasTime(message.length)) return undefined;
    this.#count(message.length);
    return smaller(gzipSync(message, gzipOptions), message);
  }

  /** Whether a message is too large to be compressed at once, and a thread is free to do it. */
  hasThreadFor(message: Uint8Array): boolean {
    return message.length > limits.wireGzipAtOnceBytesMost && this.#running < limits.wireGzipThreadsMost;
  }

  /** The message compressed on a thread, if that pays. Until then its bytes must stay as they are. */
  compressLater(message: Uint8Array): Promise<Uint8Array | undefined> {
    return new Promise(resolve => {
      const begin = (done: () => void) =>
        gzip(message, gzipOptions, (error, compressed) => {
          done();
          resolve(error ? undefined : smaller(compressed, message));
        });
      this.#onThread({begin, isWanted: () => true});
    });
  }

  #hasTime(bytes: number): boolean {
    return bytes <= limits.wireGzipAtOnceBytesMost && this.#turnBytes < limits.wireGzipTurnBytesMost;
  }

  #count(bytes: number): void {
    if (this.#turnBytes === 0) {
      this.#soon(() => {
        this.#turnBytes = 0;
      });
    }
    this.#turnBytes += bytes + limits.wireGzipBeginBytes;
  }

  #onThread(work: Work): void {
    this.#waiting.push(work);
    this.#runWaiting();
  }

  #runWaiting(): void {
    while (this.#waiting.length > 0 && this.#running < limits.wireGzipThreadsMost) {
      const {begin, isWanted} = this.#waiting.shift()!;
      if (!isWanted()) continue;
      this.#running++;
      begin(() => {
        this.#running--;
        this.#runWaiting();
      });
    }
  }
}

function smaller(compressed: Uint8Array, message: Uint8Array): Uint8Array | undefined {
  return compressed.length < message.length ? compressed : undefined;
}

/** What it says that it inflates to; undefined where it is no gzip, or one cut off that says what cannot be. */
function inflatedBytes(message: Uint8Array): number | undefined {
  const length = message.length;
  if (length < memberBytesLeast || memberBeginning.some((byte, at) => message[at] !== byte)) return undefined;
  const bytes = new DataView(message.buffer, message.byteOffset, length).getUint32(length - 4, true);
  return bytes <= inflationMost * length ? bytes : undefined;
}

function arrayOf(inflated: Buffer): Uint8Array {
  return viewOf(inflated, 0, inflated.length);
}

function invalid(): StatusError {
  return new StatusError(codes.internal, 'the compressed message is not valid gzip, or not all of it is one member');
}
