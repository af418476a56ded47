/**
 * The streams that we ended while the peer may still be sending on them. The last so
 * many are remembered, more than a peer can have open at a time.
 */
import {limits} from '../base/index.js';

const rememberedMost = 4 * limits.wireStreamsMost;

export class ResetStreams {
  readonly #ids = new Set<number>();

  add(streamId: number): void {
    this.#ids.add(streamId);
    if (this.#ids.size <= rememberedMost) return;
    const [oldest] = this.#ids;
    this.#ids.delete(oldest!);
  }

  has(streamId: number): boolean {
    return this.#ids.has(streamId);
  }
}
