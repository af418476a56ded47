/** Keys made to collide do so only for who knows the hash's key, which is drawn at random. */
import test from 'ava';
import {type HashKey, hashKey} from '../../src/store/hash.js';
import {handleOf, noDeadline} from '../../src/store/index.js';
import {chainsOf, openShard} from '../helpers/open-shard.js';
import {StoreHarness} from '../helpers/store-harness.js';
import {bytes, text} from '../helpers/text.js';

const guessed: HashKey = [0, 0];
const count = 500;
/** The low bits decide on the bucket: as many as that many records need. */
const lowBits = 2 ** Math.ceil(Math.log2(count)) - 1;

/** Found by trying: about 512 tries for each. */
function collidingKeys(): string[] {
  const keys: string[] = [];
  for (let index = 0; keys.length < count; index++) {
    const key = `key ${index}`;
    if ((hashKey(0, bytes(key), guessed) & lowBits) === 0) keys.push(key);
  }
  return keys;
}

test('keys that collide under a known hash key spread over the index of a store', t => {
  const keys = collidingKeys();
  for (let round = 0; round < 3; round++) {
    const store = new StoreHarness();
    for (const key of keys) store.put(key);
    const chains = chainsOf(openShard(store.store).shard);
    const longest = Math.max(...chains.map(chain => chain.length));
    const used = chains.filter(chain => chain.length > 0).length;
    t.true(longest < 15, `${longest} records in one bucket`);
    t.true(used > count / 2, `${used} buckets used`);
    store.check();
  }
});

test('keys of one and the same hash are told apart, and a scan in the smallest slices finds each of them once', t => {
  const store = new StoreHarness();
  const {shard} = openShard(store.store);
  const hash = 0x12345678;
  const keys = Array.from({length: 30}, (_, index) => `key ${index}`);
  for (const key of keys)
    shard.put(0, bytes(key), hash, bytes(`value of ${key}`), {contentType: '', deadlineMs: noDeadline});
  for (const key of keys) {
    const view = shard.get(0, bytes(key), hash, {peek: true, metadataOnly: false});
    t.is(text(view?.value), `value of ${key}`);
  }
  const cursor = {position: 0, revision: 0, recordsLeft: 0, done: false};
  const found: string[] = [];
  while (!cursor.done) {
    cursor.recordsLeft = 1;
    const view = store.store.scan(0, bytes(''), cursor, {metadataOnly: true});
    if (view) found.push(text(view.key)!);
  }
  t.deepEqual(found.sort(), [...keys].sort());
  for (const key of keys.slice(0, 15)) t.is(shard.delete(0, bytes(key), hash, {}).outcome, 'deleted');
  t.is(store.scanAll().length, 15);
  store.check();
});

test('the index grows with its records, and its buckets stay short', t => {
  const store = new StoreHarness();
  for (const entries of [1, 2, 3, 1000, 1024, 1025, 5000]) {
    for (let index = store.stats().entries; index < entries; index++) store.put(`key ${index}`);
    const chains = chainsOf(openShard(store.store).shard);
    t.is(chains.length, entries);
    t.is(
      chains.reduce((sum, chain) => sum + chain.length, 0),
      entries,
    );
    t.true(Math.max(...chains.map(chain => chain.length)) < 15);
    store.check();
  }
});

test('every store draws its own hash key', t => {
  const drawn = Array.from({length: 5}, () => handleOf(new StoreHarness().store).hashKey.join());
  t.is(new Set(drawn).size, 5);
});

test('the hash depends on its key, the namespace, and every byte of the key, its length included', t => {
  const key: HashKey = [1, 2];
  const texts = ['', '\0', '\0\0', 'a', 'b', 'ab', 'ba', 'abcd', 'abce', 'abcd\0', 'abcdefgh', 'abcdefgi', 'bbcdefgh'];
  const hashes = texts.flatMap(text => [
    hashKey(0, bytes(text), key),
    hashKey(1, bytes(text), key),
    hashKey(0, bytes(text), [1, 3]),
    hashKey(0, bytes(text), [2, 2]),
  ]);
  t.is(new Set(hashes).size, hashes.length);
  for (const hash of hashes) t.is(hash, hash | 0);
});
