/**
 * What comes on a connection: some of it is read at once, the rest when the turn of this
 * connection comes (see turns.ts).
 *
 * The rest is kept meanwhile, and where it is much the socket is not read from: so it
 * is at most two reads of the system, 128 KiB.
 */
import type {Duplex} from 'node:stream';
import {limits} from '../base/index.js';
import type {FrameReader} from './frame-reader.js';
import type {Output} from './output.js';
import type {Turning, Turns} from './turns.js';

export interface InputOptions {
  duplex: Duplex;
  connection: Turning & {readonly output: Output; readonly sending: {readonly queuedBytes: number}};
  reader: FrameReader;
  turns: Turns;
  /** Does what may end the connection. */
  guarded: (work: () => void) => void;
}

export class Input {
  readonly #options: InputOptions;
  receivedBytes = 0;
  /** What comes in one read, about the mean of the last. */
  #usualBytes = 0;
  /** Of all that was received, what came since others had their turn. */
  #sliceBytes = 0;
  /** Of it, what waits to be read, as all connections count them. */
  #unreadBytes = 0;
  /** The socket is not read from until others have had their turn. */
  #isPaused = false;
  #stopped = false;

  constructor(options: InputOptions) {
    this.#options = options;
  }

  receive(chunk: Buffer): void {
    const {reader, turns, connection, guarded} = this.#options;
    const {output, sending} = connection;
    this.receivedBytes += chunk.length;
    this.#sliceBytes += chunk.length;
    this.#usualBytes += (chunk.length - this.#usualBytes) / 8;
    if (!this.#stopped) {
      const credit = turns.creditFor(chunk.length);
      reader.credit = credit;
      guarded(() => reader.read(chunk));
      if (credit < Number.POSITIVE_INFINITY) turns.spend(credit - reader.credit);
      this.#countUnread();
      const isDone = this.#unreadBytes === 0;
      if (isDone && this.#usualBytes <= limits.wireSmallReadBytes && sending.queuedBytes === 0) turns.share();
      // What is much needs not wait for the end of the turn.
      if (isDone && output.waitingBytes >= limits.wireGatherBytesMost) output.flush();
    }
    // The system would hand over up to 2 MiB of one connection without a break.
    if (this.#sliceBytes >= limits.wireReadSliceBytes) this.#pause();
  }

  /** Reads on in what waits, until it is read or the turn is over. */
  goOn(): void {
    const {reader, turns, guarded, duplex, connection} = this.#options;
    const {output} = connection;
    reader.credit = limits.wireReadCredit;
    while (this.#unreadBytes > 0 && !output.isBlocked) {
      reader.credit = limits.wireReadCredit;
      guarded(() => reader.readOn());
      this.#countUnread();
      if (turns.isOver) break;
    }
    if (!this.#isPaused || this.#unreadBytes > 0 || output.isBlocked) return;
    this.#isPaused = false;
    this.#sliceBytes = 0;
    duplex.resume();
  }

  /** The output takes more again. */
  unblock(): void {
    const {duplex, connection, turns} = this.#options;
    if (this.#isPaused || this.#unreadBytes > 0) turns.addBehind(connection);
    else duplex.resume();
  }

  /** Whether more may be done before others have their turn. */
  get hasCredit(): boolean {
    return this.#options.reader.credit > 0;
  }

  /** A call was answered with so many bytes, and so may have taken longer than others. */
  spend(bytes: number): void {
    this.#options.reader.credit -= bytes >> 8;
  }

  /** Nothing more is read, not even what has come already. */
  stop(): void {
    this.#stopped = true;
    this.#options.reader.stop();
    this.#countUnread();
  }

  #pause(): void {
    const {duplex, connection, turns} = this.#options;
    this.#isPaused = true;
    duplex.pause();
    turns.addBehind(connection);
  }

  #countUnread(): void {
    const {reader, connection, turns} = this.#options;
    const {restBytes} = reader;
    turns.unreadBytes += restBytes - this.#unreadBytes;
    this.#unreadBytes = restBytes;
    if (restBytes >= limits.wireReadSliceBytes / 2 && !this.#isPaused) this.#pause();
    else if (restBytes > 0) turns.addBehind(connection);
  }
}
