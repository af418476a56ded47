/**
 * What a server holds for its clients, over all connections: answers that wait to be
 * taken, and requests that are not complete. Each connection has bounds of its own, but
 * there may be thousands.
 *
 * From half of the bound on, a connection begins a call only if nothing waits on it, so
 * that who reads well is served on. At the bound, connections are cut off: to read
 * nothing more from anybody would punish all for those who do not take what they asked
 * for, and to wait until they do might be for ever.
 */
export interface HeldBytesOptions {
  bytesMost: number;
  /** Called soon after there is more than that, once. */
  onExcess: () => void;
  soon: (run: () => void) => void;
}

export class HeldBytes {
  readonly #options: HeldBytesOptions;
  #bytes = 0;
  #excessTold = false;

  constructor(options: HeldBytesOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** There is so much that connections have to be frugal. */
  get isTight(): boolean {
    return this.#bytes > this.#options.bytesMost / 2;
  }

  get isTooMuch(): boolean {
    return this.#bytes > this.#options.bytesMost;
  }

  add(change: number): void {
    this.#bytes += change;
    if (!this.isTooMuch || this.#excessTold) return;
    this.#excessTold = true;
    // Not now: whoever adds is in the middle of something.
    this.#options.soon(() => {
      this.#excessTold = false;
      if (this.isTooMuch) this.#options.onExcess();
    });
  }
}
