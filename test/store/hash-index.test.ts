/** The index, beyond what the store's own operations show of it. */
import test from 'ava';
import {createStore} from '../../src/store/index.js';
import {field} from '../../src/store/layout.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {chainsOf, openShard} from '../helpers/open-shard.js';
import {bytes} from '../helpers/text.js';

const noDeadline = {deadlineMs: Number.POSITIVE_INFINITY, contentType: ''};

for (const entries of [1, 2, 3, 7, 8, 100, 1000]) {
  test(`of each hash the first record of its bucket is known, with ${entries} entries`, t => {
    const namespaces = [{maxEntries: 10_000, maxMemoryBytes: 2 ** 22}];
    const store = createStore({clock: new ManualClock(), namespaces, maxKeyBytes: 100, maxValueBytes: 100});
    for (let key = 0; key < entries; key++) store.put(0, bytes(`key ${key}`), bytes('value'), noDeadline);
    const {shard} = openShard(store);
    const chains = chainsOf(shard);
    const records = chains.flatMap(chain => chain.map(ref => ({hash: shard.records.get(ref, field.hash), chain})));
    const firsts = new Int32Array(records.length);
    shard.index.firsts(
      Int32Array.from(records, ({hash}) => hash),
      firsts,
    );
    t.is(records.length, entries);
    t.deepEqual(
      [...firsts],
      records.map(({chain}) => chain[0]!),
    );
  });
}
