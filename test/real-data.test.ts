/**
 * A few thousand real files, through the client code of the CLI: paths as keys,
 * contents as values, of which half have to go. What is left comes back byte for
 * byte, and everything that was counted adds up.
 */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {getMany} from '../cli/lib/batch.js';
import {createClient} from '../cli/lib/client.js';
import {GetResponse_Outcome as Got, PutResponse_Outcome as Put} from '../src/gen/krusty/cache/v1/cache_service.js';
import {charge} from '../src/store/index.js';
import {startServer} from './helpers/test-server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const filesMost = 3000;
const fileBytesMost = 256 * 1024;
const totalBytesMost = 60 * 2 ** 20;

/** The same files each time, from all over node_modules. */
function chooseFiles(): string[] {
  const all = readdirSync(join(root, 'node_modules'), {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => statSync(path).size <= fileBytesMost)
    .sort();
  const spread = all.length / Math.min(all.length, filesMost);
  const files: string[] = [];
  let totalBytes = 0;
  for (let index = 0; index < all.length; index += spread) {
    const path = all[Math.floor(index)]!;
    totalBytes += statSync(path).size;
    if (totalBytes > totalBytesMost) break;
    files.push(path);
  }
  return files;
}

test('the files of node_modules go in, are evicted in order, and come back byte for byte', async t => {
  const files = chooseFiles().map(path => ({key: relative(root, path), value: readFileSync(path)}));
  t.true(files.length >= 1000, `${files.length} files`);
  const chargeOf = ({key, value}: {key: string; value: Uint8Array}) => charge(Buffer.byteLength(key), value.length);
  const totalBytes = files.reduce((sum, file) => sum + chargeOf(file), 0);
  const maxMemoryBytes = Math.floor(totalBytes / 2);
  const {
    server,
    client: {getStats},
  } = await startServer(t, {maxMemoryBytes});
  const client = await createClient({address: server.address, timeoutMs: 20_000});
  t.teardown(() => client.close());

  for (const {key, value} of files) {
    const {outcome} = await client.put({key, value});
    if (outcome !== Put.OUTCOME_STORED) t.fail(`${key}: ${outcome}`);
  }
  const filled = (await getStats()).total!;
  t.is(Number(filled.puts), files.length);
  t.is(Number(filled.entries + filled.evictionsMemory), files.length);
  t.true(filled.evictionsMemory > 0n);
  t.is(filled.evictionsEntries + filled.expirations + filled.deletes + filled.purged, 0n);

  // How often an answer was cut: the key at the cut has been looked up, and is asked for again.
  let cuts = 0;
  const counting: typeof client = {
    ...client,
    batchGet: async request => {
      const answer = await client.batchGet(request);
      if (answer.results.some(({response}) => response?.outcome === Got.OUTCOME_OVER_BUDGET)) cuts++;
      return answer;
    },
  };
  const present: typeof files = [];
  const keys = files.map(file => file.key);
  let asked = 0;
  for await (const {key, result} of getMany(counting, keys, '')) {
    const file = files[asked++]!;
    t.is(key, file.key);
    if (result.response?.outcome !== Got.OUTCOME_HIT) continue;
    present.push(file);
    if (Buffer.compare(result.response.entry!.value, file.value) !== 0) t.fail(`${key} came back changed`);
  }
  t.is(asked, files.length);
  t.is(present.length, Number(filled.entries));
  // Least recently used first, and nobody used them: those that went are those that came first.
  t.deepEqual(
    present.map(file => file.key),
    keys.slice(-present.length),
  );

  const after = (await getStats()).total!;
  t.true(cuts > 0);
  t.is(Number(after.hits), present.length + cuts);
  t.is(Number(after.misses), files.length - present.length);
  t.is(
    Number(after.memoryBytes),
    present.reduce((sum, file) => sum + chargeOf(file), 0),
  );
  t.true(Number(after.memoryBytes) <= maxMemoryBytes);
  // The next one to go would have fitted no more.
  t.true(Number(after.memoryBytes) + chargeOf(files.at(-present.length - 1)!) > maxMemoryBytes);
});
