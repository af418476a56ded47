/** Counts by name, of which there is a bounded number: what a peer can name is none. */
import {limits} from '../base/index.js';

export class Tally {
  readonly counts = new Map<string, number>();

  count(name: string): void {
    const before = this.counts.get(name);
    if (before === undefined && this.counts.size >= limits.wireFaultKindsMost) return;
    this.counts.set(name, (before ?? 0) + 1);
  }
}
