/** The walk of invariants finds what is broken: each fault here is planted in the memory of a store that was whole. */
import test from 'ava';
import {counter} from '../../src/store/counters.js';
import {checkStore} from '../../src/store/index.js';
import {field, firstPieceWord} from '../../src/store/layout.js';
import {chainsOf, type OpenShard, openShard} from '../helpers/open-shard.js';
import {StoreHarness} from '../helpers/store-harness.js';

/** Entries small and large, with deadlines and without, in two namespaces, and some gone. */
function makeStore(): StoreHarness {
  const store = new StoreHarness({}, {});
  for (let index = 0; index < 300; index++) {
    const ttlMs = index % 3 === 0 ? 50 + index * 100 : undefined;
    store.put(`key ${index}`, 'x'.repeat((index * 37) % 500), {ttlMs, namespace: index % 5 === 0 ? 1 : 0});
  }
  for (let index = 0; index < 10; index++) store.put(`large ${index}`, 'x'.repeat(30_000), {ttlMs: 1_000_000});
  for (let index = 0; index < 300; index += 7) store.delete(`key ${index}`);
  store.clock.advance(3000);
  store.sweepAll();
  return store;
}

interface Target extends OpenShard {
  /** A record that is neither first nor last in the order of use, and in the wheel behind another. */
  ref: number;
  /** One of several slots. */
  large: number;
  /** A bucket of several records. */
  chain: number[];
}

function targetsOf(store: StoreHarness): Target {
  const {shard, memory} = openShard(store.store);
  const {records} = shard;
  const chains = chainsOf(shard);
  const refs = chains.flat();
  const isAmongOthers = (ref: number) => records.get(ref, field.older) !== 0 && records.get(ref, field.newer) !== 0;
  const ref = refs.find(
    each => isAmongOthers(each) && records.get(each, field.wheelPrev) > 0 && !records.isLarge(each),
  );
  return {
    shard,
    memory,
    ref: ref!,
    large: refs.find(each => records.pieces(each).length > 2)!,
    chain: chains.find(each => each.length > 2)!,
  };
}

const flip = ({shard: {records}}: OpenShard, ref: number, word: number, bits = 8) =>
  records.set(ref, word, records.get(ref, word) ^ bits);

const faults: Record<string, (target: Target) => void> = {
  'a bucket that has lost its records': ({memory, shard}) => {
    const bucket = chainsOf(shard).findIndex(chain => chain.length > 0);
    new Int32Array(memory.buckets)[bucket] = 0;
  },
  'a chain cut short': ({shard, chain}) => shard.records.set(chain[0]!, field.chain, 0),
  'a chain that leads round': ({shard, chain}) => shard.records.set(chain[2]!, field.chain, chain[0]!),
  'a chain that leads into another': ({shard, chain, ref}) => shard.records.set(chain.at(-1)!, field.chain, ref),
  'a hash that is of another bucket': target => flip(target, target.ref, field.hash, 1),
  'a wrong number of records in the index': ({memory}) => {
    memory.indexState[1]!++;
  },
  'a wrong link to what was used before': target => flip(target, target.ref, field.older),
  'a wrong link to what was used after': target => flip(target, target.ref, field.newer),
  'an order of use cut short': ({shard, ref}) => shard.records.set(ref, field.newer, 0),
  'an order of use that leads round': ({shard, ref}) =>
    shard.records.set(ref, field.newer, shard.records.get(ref, field.older)),
  'a list that has lost its newest': ({memory}) => {
    memory.recencyState[1] = 0;
  },
  'a list that has lost its oldest': ({memory}) => {
    memory.recencyState[0] = 0;
  },
  'a wrong number of records in a list': ({memory}) => {
    memory.recencyState[2]!--;
  },
  'a record that says it is in another list': ({shard, ref}) => shard.records.setSegment(ref, 1),
  'a record of another namespace': target => flip(target, target.ref, field.kind, 1 << 24),
  'a wrong link back in the wheel': target => flip(target, target.ref, field.wheelPrev),
  'a wrong link on in the wheel': target => flip(target, target.ref, field.wheelNext),
  'a slot of the wheel that has lost its records': ({memory}) => {
    const slot = memory.wheelSlots.findIndex(ref => ref !== 0);
    memory.wheelSlots[slot] = 0;
  },
  'a record that is in the wheel and does not know it': ({shard, ref}) => shard.records.set(ref, field.wheelPrev, 0),
  'a wrong number of records in the wheel': ({memory}) => {
    memory.wheelState[1]!++;
  },
  'a deadline long before its slot of the wheel': ({shard, large}) => shard.records.setDeadline(large, 1_010_000),
  'a deadline taken away, the wheel not told': ({shard, ref}) =>
    shard.records.setDeadline(ref, Number.POSITIVE_INFINITY),
  'a deadline set, the wheel not told': ({shard, memory}) => shard.records.setDeadline(memory.recencyState[1]!, 2e9),
  'a wheel that was turned too far': ({memory}) => {
    memory.wheelState[0]! += 1000;
  },
  'a live record that says it is free': target => flip(target, target.ref, field.kind, 1 << 30),
  'a freed slot that says it is live': ({shard}) => {
    const freed = [...shard.slots.pagesInUse()].flatMap(page => page.freed);
    flip({shard} as Target, freed[0]!, field.kind, 1 << 30);
  },
  'a freed slot that leads to one in use': ({shard, ref}) => {
    const page = [...shard.slots.pagesInUse()].find(each => each.freed.length > 0)!;
    shard.records.set(page.freed[0]!, 0, ref);
  },
  'a freed slot that is forgotten': ({shard}) => {
    const page = [...shard.slots.pagesInUse()].find(each => each.freed.length > 1)!;
    shard.records.set(page.freed[0]!, 0, 0);
  },
  'a value longer than its slot': target => flip(target, target.ref, field.size, 1 << 10),
  'a large value cut short': ({shard, large}) => shard.records.set(shard.records.pieces(large)[0]!, 0, 0),
  'a large value that has lost its pieces': ({shard, large}) => shard.records.set(large, firstPieceWord, 0),
  'a piece that does not know what is before it': ({shard, large}) =>
    shard.records.set(shard.records.pieces(large)[1]!, 1, large),
  'a piece that says it is free': ({shard, large}) => shard.records.set(shard.records.pieces(large).at(-1)!, 1, 0),
  'pieces that belong to two values': ({shard, large}) => {
    const other = chainsOf(shard)
      .flat()
      .find(ref => ref !== large && shard.records.pieces(ref).length > 2)!;
    shard.records.set(other, firstPieceWord, shard.records.get(large, firstPieceWord));
  },
  'one entry too many in the counters': ({memory}) => {
    memory.counters[counter.entries]!++;
  },
  'a byte too many in the counters': ({memory}) => {
    memory.counters[counter.memoryBytes]!++;
  },
  'more entries than the limit': ({memory}) => {
    memory.counters[counter.maxEntries] = 10;
  },
  'more memory than the limit': ({memory}) => {
    memory.counters[counter.maxMemoryBytes] = 10;
  },
};

test('a store that is whole passes', t => {
  t.notThrows(() => makeStore().check());
});

for (const [what, plant] of Object.entries(faults)) {
  test(`the walk finds ${what}`, t => {
    const store = makeStore();
    plant(targetsOf(store));
    t.throws(() => checkStore(store.store), {message: /broken invariant|out of bounds|undefined/});
  });
}

/** The page table: which faults of it the walk finds is tried word by word. */
test('the walk finds any word of the page table that is changed, of the pages in use', t => {
  const store = makeStore();
  const {memory, shard} = openShard(store.store);
  const table = new Int32Array(memory.slotTable);
  const rowsAt = table.length - memory.pages * 6;
  const missed: string[] = [];
  for (const {page} of shard.slots.pagesInUse()) {
    for (const [word, name] of ['class', 'free', 'freed slot', 'unused'].entries()) {
      const at = rowsAt + page * 6 + word;
      table[at]!++;
      if (passes(store)) missed.push(`${name} of page ${page}`);
      table[at]!--;
    }
  }
  t.deepEqual(missed, []);
  t.true(passes(store));
});

function passes(store: StoreHarness): boolean {
  try {
    store.check();
    return true;
  } catch {
    return false;
  }
}
