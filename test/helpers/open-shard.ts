/** The inside of a store of one shard, laid over the same memory: for tests that count what is there, or break it. */
import {handleOf, type Store} from '../../src/store/index.js';
import {field} from '../../src/store/layout.js';
import {Revisions} from '../../src/store/revisions.js';
import {Scratch} from '../../src/store/scratch.js';
import {Shard} from '../../src/store/shard.js';
import {type ShardMemory, viewShard} from '../../src/store/shard-memory.js';
import {ManualClock} from './manual-clock.js';

export interface OpenShard {
  shard: Shard;
  memory: ShardMemory;
}

export function openShard(store: Store): OpenShard {
  const [buffers] = handleOf(store).shards;
  const memory = viewShard(buffers!);
  const clock = new ManualClock();
  const revisions = new Revisions(handleOf(store).revisions, clock, false);
  return {shard: new Shard(memory, {clock, revisions, scratch: new Scratch()}), memory};
}

/** The records of each bucket of the index. */
export function chainsOf({index, records}: Shard): number[][] {
  return Array.from({length: index.buckets}, (_, bucket) => {
    const chain: number[] = [];
    for (let ref = index.firstOf(bucket); ref !== 0; ref = records.get(ref, field.chain)) chain.push(ref);
    return chain;
  });
}
