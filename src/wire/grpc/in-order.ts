/**
 * Steps of one call, each behind the one before, also where one has to wait for
 * something: those that come meanwhile are kept, and done when it is there.
 */
interface Step {
  run: () => void;
  bytes: number;
  next: Step | undefined;
}

export class InOrder {
  /** A step is under way that is not over; others have to be kept. */
  isWaiting = false;
  /** Of the steps that are kept. */
  keptBytes = 0;
  #first: Step | undefined;
  #last: Step | undefined;

  /** Does nothing else until the promise has settled; then does the one or the other, and all that was kept. */
  wait<T>(promise: Promise<T>, take: (value: T) => void, fail: (error: unknown) => void): void {
    this.isWaiting = true;
    promise.then(
      value => this.#goOn(() => take(value)),
      error => this.#goOn(() => fail(error)),
    );
  }

  /** For while isWaiting. `bytes` is what the step keeps in memory. */
  keep(bytes: number, run: () => void): void {
    const step = {run, bytes, next: undefined};
    if (this.#last) this.#last.next = step;
    else this.#first = step;
    this.#last = step;
    this.keptBytes += bytes;
  }

  #goOn(first: () => void): void {
    this.isWaiting = false;
    first();
    while (this.#first && !this.isWaiting) {
      const {run, bytes, next} = this.#first;
      this.#first = next;
      if (!next) this.#last = undefined;
      this.keptBytes -= bytes;
      run();
    }
  }
}
