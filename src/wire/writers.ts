/**
 * Who writes on the streams of a connection, and has to wait: after so many bytes in
 * one turn or in the queue, until all that waited is sent and the next turn begins.
 */
import {limits} from '../base/index.js';
import type {Stream} from './stream.js';

export class Writers {
  #turn = 0;
  /** Streams whose writers wait for nothing more than the next turn. */
  readonly #drained = new Set<Stream>();

  /** Whether a writer may go on, having written so many bytes; if not, it is told when what waits is sent. */
  mayWriteOn(stream: Stream, count: number): boolean {
    stream.writtenBytes = stream.writtenTurn === this.#turn ? stream.writtenBytes + count : count;
    stream.writtenTurn = this.#turn;
    if (Math.max(stream.writtenBytes, stream.queuedBytes) < limits.streamQueueBytesMost) return true;
    stream.wantsDrain = true;
    if (stream.queuedBytes === 0) this.#drained.add(stream);
    return false;
  }

  /** All that a stream had waiting is sent. */
  sent(stream: Stream): void {
    if (stream.wantsDrain) this.#drained.add(stream);
  }

  beginTurn(): void {
    this.#turn++;
  }

  /** Tells those that waited for this turn. */
  tell(): void {
    if (this.#drained.size === 0) return;
    const streams = [...this.#drained];
    this.#drained.clear();
    for (const stream of streams) {
      if (stream.closed || stream.queuedBytes > 0) continue;
      stream.wantsDrain = false;
      stream.drained();
    }
  }

  clear(): void {
    this.#drained.clear();
  }
}
