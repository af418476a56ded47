/** Timers that go off when the test moves their clock. What is to happen soon does so by itself. */
import type {Timers} from '../../../src/wire/index.js';

interface Planned {
  atMs: number;
  run: () => void;
}

export class ManualTimers implements Timers {
  #nowMs = 1000;
  readonly #planned = new Set<Planned>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const planned = {atMs: this.#nowMs + delayMs, run};
    this.#planned.add(planned);
    return () => void this.#planned.delete(planned);
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  /** Timers that have not gone off. */
  get pending(): number {
    return this.#planned.size;
  }

  /** Time passes; what is due goes off in its order, each at its time. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const due = [...this.#planned].filter(({atMs}) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#planned.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = endMs;
  }
}
