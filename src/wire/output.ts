/**
 * What is to be sent on a connection: frames are written one behind the other into a
 * buffer, and go to the system together, once for all that a turn of the event loop brings.
 *
 * Buffers come from a pool and go back as soon as the system has taken the bytes. A
 * connection that has nothing to say has none.
 */
import {Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import {limits} from '../base/index.js';
import {giveBuffer, takeBuffer} from './buffers.js';
import {writeDirectly} from './direct-write.js';

const none = Buffer.alloc(0);

export class Output {
  readonly #duplex: Duplex;
  /** A plain socket has taken the bytes when nothing is left to write; others may look at them later. */
  readonly #takesAtOnce: boolean;
  readonly #scheduleFlush: () => void;
  /** Frames are written here, from what reserve() answers on. */
  bytes: Buffer = none;
  #length = 0;
  /** What was written since beginTurn(). */
  turnBytes = 0;
  #handedBytes = 0;
  /** The system takes no more for now. */
  isBlocked = false;

  /** `scheduleFlush` is called when there is something to flush where nothing was. */
  constructor(duplex: Duplex, scheduleFlush: () => void) {
    this.#duplex = duplex;
    this.#takesAtOnce = duplex.constructor === Socket;
    this.#scheduleFlush = scheduleFlush;
  }

  /** Bytes that were not handed over yet. */
  get waitingBytes(): number {
    return this.#length;
  }

  /** Bytes that the system has not taken yet. */
  get unsentBytes(): number {
    return this.#length + this.#duplex.writableLength;
  }

  /** Bytes that the system has taken. */
  get sentBytes(): number {
    return this.#handedBytes - this.#duplex.writableLength;
  }

  /** What can wait should: enough was written in this turn, or what was has not gone out. */
  get isFull(): boolean {
    return this.isBlocked || this.turnBytes >= limits.wireSliceBytes;
  }

  beginTurn(): void {
    this.turnBytes = 0;
  }

  /** Where so many bytes can be written; they count as written. */
  reserve(count: number): number {
    this.turnBytes += count;
    if (this.#length + count > this.bytes.length) this.#makeRoom(count);
    const at = this.#length;
    this.#length += count;
    return at;
  }

  #makeRoom(count: number): void {
    if (this.#length > 0) this.flush();
    if (this.bytes.length > 0) giveBuffer(this.bytes);
    this.bytes = takeBuffer(count);
    this.#scheduleFlush();
  }

  flush(): void {
    const buffer = this.bytes;
    const length = this.#length;
    this.bytes = none;
    this.#length = 0;
    if (length === 0 || !this.#duplex.writable) {
      giveBuffer(buffer);
      return;
    }
    this.#handedBytes += length;
    // Where bytes will wait, they wait in memory of their own size.
    if (!this.#takesAtOnce || this.#duplex.writableLength > 0) {
      this.#duplex.write(Buffer.from(buffer.subarray(0, length)));
      giveBuffer(buffer);
      return;
    }
    const bytes = buffer.subarray(0, length);
    const written = writeDirectly(this.#duplex as Socket, bytes);
    if (written === 'waiting') return;
    if (written === 'not') this.#duplex.write(bytes);
    if (this.#duplex.writableLength === 0) giveBuffer(buffer);
  }
}
