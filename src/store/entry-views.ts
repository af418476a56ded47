/**
 * Records as callers see them. There is one view for each shard and one piece of
 * memory for values for each thread, both overwritten by the next call: a read makes
 * no object of its own and copies the value once.
 */
import type {Records} from './records.js';
import type {Scratch} from './scratch.js';
import type {EntryView} from './types.js';

const noBytes = new Uint8Array(0);

export class EntryViews {
  readonly #records: Records;
  readonly #scratch: Scratch;
  readonly #view: EntryView = {
    key: noBytes,
    value: noBytes,
    revision: 0,
    contentType: '',
    deadlineMs: 0,
    sizeBytes: 0,
  };

  constructor(records: Records, scratch: Scratch) {
    this.#records = records;
    this.#scratch = scratch;
  }

  /** For a caller that knows the key. */
  show(ref: number, wantsValue: boolean): EntryView {
    const records = this.#records;
    const view = this.#view;
    view.key = noBytes;
    view.value = wantsValue ? records.readValue(ref, this.#scratch) : noBytes;
    view.revision = records.revision(ref);
    view.contentType = records.contentType(ref);
    view.deadlineMs = records.deadlineMs(ref);
    view.sizeBytes = records.charge(ref);
    return view;
  }

  showWithKey(ref: number, wantsValue: boolean): EntryView {
    const view = this.show(ref, wantsValue);
    view.key = this.#records.key(ref);
    return view;
  }

  /** A view of its own, for an entry that is about to change. */
  copy(ref: number): EntryView {
    const view = this.show(ref, true);
    return {...view, value: view.value.slice()};
  }
}
