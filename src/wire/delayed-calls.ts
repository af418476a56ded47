/**
 * Calls of a connection that wait to be begun, because too much waits to be sent
 * already: on the connection, or on all of them together.
 */
import {limits} from '../base/index.js';
import type {HeldBytes} from './held-bytes.js';
import type {Output} from './output.js';
import type {SendQueue} from './send-queue.js';

export interface DelayedCallsOptions {
  sending: SendQueue;
  output: Output;
  /** Of all connections. */
  held: HeldBytes;
}

export class DelayedCalls {
  readonly #options: DelayedCallsOptions;
  readonly #calls = new Set<() => void>();

  constructor(options: DelayedCallsOptions) {
    this.#options = options;
  }

  /** Whether a call may be begun. */
  get hasRoom(): boolean {
    const {sending, output, held} = this.#options;
    const {queuedBytes, hasReady} = sending;
    if (held.isTight) return queuedBytes === 0;
    if (queuedBytes < limits.wireQueueBytesMost) return true;
    if (held.bytes >= limits.wireFlowingFreeBytes) return false;
    return hasReady && !output.isBlocked && queuedBytes < limits.wireFlowingQueueBytesMost;
  }

  /** Whether one that waits may be begun. */
  get isReady(): boolean {
    return this.#calls.size > 0 && this.hasRoom;
  }

  /** `begin` is called when there is room. */
  add(begin: () => void): void {
    this.#calls.add(begin);
  }

  /** Begins those for which there is room, as long as `mayGoOn`. */
  begin(mayGoOn: () => boolean): void {
    for (const begin of this.#calls) {
      if (!this.hasRoom || !mayGoOn()) return;
      this.#calls.delete(begin);
      begin();
    }
  }

  clear(): void {
    this.#calls.clear();
  }
}
