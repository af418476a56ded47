/**
 * How a connection ends.
 *
 * It is left without the loss of a call (RFC 9113, section 6.8): the peer
 * is told to begin no more streams and asked for a PING, and what it began before it heard
 * that is served. Its answer comes behind all of it: then it is told which stream was the
 * last, and no other is looked at.
 *
 * The PING has a second use: whoever answers it has read all that came before, where some
 * (nginx 1.22) take an answer for cut off if it comes in one read with the end of the connection.
 */
import type {Duplex} from 'node:stream';
import {limits} from '../base/index.js';
import {most31, sendGoAway, sendPing} from './frame.js';
import type {Output} from './output.js';
import type {Timers} from './timers.js';

export interface DepartureOptions {
  duplex: Duplex;
  output: Output;
  timers: Timers;
  /** The highest stream that the peer has begun. */
  lastStreamId: () => number;
  /** No further streams will be looked at. */
  onFinal: () => void;
  destroy: () => void;
}

/** What the PING says, so that its answer is not taken for another's. */
const farewell = Buffer.from('farewell');

export class Departure {
  readonly #options: DepartureOptions;
  /** Forgets to wait for the answer; there while it is waited for. */
  #cancelWait: (() => void) | undefined;
  /** No further streams are looked at. */
  isFinal = false;
  #isEnding = false;
  #cancelDestroy: (() => void) | undefined;

  constructor(options: DepartureOptions) {
    this.#options = options;
  }

  /** Asks the peer to go. */
  begin(): void {
    if (this.isFinal || this.#cancelWait) return;
    const {output, timers} = this.#options;
    this.#cancelWait = timers.after(limits.wireFarewellMsMost, () => this.finish());
    sendGoAway(output, most31, 'NO_ERROR', '');
    sendPing(output, 0, farewell, 0);
  }

  /** A PING was answered with the eight bytes at `start`. */
  answered(bytes: Buffer, start: number): void {
    if (this.#cancelWait && farewell.compare(bytes, start, start + farewell.length) === 0) this.finish();
  }

  /** Waits for no answer. */
  finish(): void {
    if (this.isFinal) return;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.isFinal = true;
    sendGoAway(this.#options.output, this.#options.lastStreamId(), 'NO_ERROR', '');
    this.#options.onFinal();
  }

  /** Says the last, and gives the peer a moment to hear it: one that goes in peace may first read all that it was sent. */
  end(inPeace: boolean): void {
    if (!inPeace) this.destroySoon();
    if (this.#isEnding) return;
    this.#isEnding = true;
    const {timers, output, duplex} = this.#options;
    timers.soon(() => {
      output.flush();
      duplex.end(inPeace ? () => this.destroySoon() : undefined);
    });
  }

  destroySoon(): void {
    this.#cancelDestroy ??= this.#options.timers.after(limits.wireCloseMsMost, this.#options.destroy);
  }

  /** The connection is closed. */
  clear(): void {
    this.#cancelWait?.();
    this.#cancelDestroy?.();
  }
}
