/** The sources keep to the arrows between rooms and to the habits of the house; and the check of this finds what breaks them. */
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {faultsOf, importsOf} from './helpers/tidy-rules.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('.ts') && !name.startsWith('gen/'))
    .map(name => `${folder}/${name}`)
    .sort();
}

test('every file of src and cli keeps to the arrows and habits', t => {
  const paths = [...sourcesOf('src'), ...sourcesOf('cli')];
  t.true(paths.length > 50, 'the sources are where this test looks for them');
  t.deepEqual(
    paths.flatMap(path => faultsOf(path, readFileSync(join(root, path), 'utf8'))),
    [],
  );
});

test('each room has its door', t => {
  const rooms = readdirSync(join(root, 'src'), {withFileTypes: true}).filter(entry => entry.isDirectory());
  for (const {name} of rooms) {
    if (name !== 'gen') t.true(existsSync(join(root, 'src', name, 'index.ts')), `src/${name}/index.ts`);
  }
});

test('generated code is not tracked by git', t => {
  if (!existsSync(join(root, '.git'))) return t.pass('not a checkout');
  const tracked = execFileSync('git', ['ls-files', 'src/gen', 'dist', 'build'], {cwd: root, encoding: 'utf8'});
  t.is(tracked, '');
});

const planted: Record<string, {path: string; source: string; fault: RegExp}> = {
  'an import against the arrows': {
    path: 'src/store/heap-store.ts',
    source: "/** x */\nimport {Cache} from '../cache/index.js';\n",
    fault: /store may not import cache/,
  },
  'an import of a type against the arrows': {
    path: 'src/base/clock.ts',
    source: "/** x */\nimport type {Store} from '../store/index.js';\n",
    fault: /base may not import store/,
  },
  'an export from a room against the arrows': {
    path: 'src/cache/index.ts',
    source: "/** x */\nexport * from '../rpc/index.js';\n",
    fault: /cache may not import rpc/,
  },
  'an import over several lines': {
    path: 'src/grpcjs/server.ts',
    source: "/** x */\nimport {\n  Cache,\n} from\n  '../cache/index.js';\n",
    fault: /grpcjs may not import cache/,
  },
  'an import that is made later': {
    path: 'src/store/heap-store.ts',
    source: "/** x */\nconst cache = await import('../cache/index.js');\n",
    fault: /store may not import cache/,
  },
  'generated code in the cache': {
    path: 'src/cache/cache.ts',
    source: "/** x */\nimport {Entry} from '../gen/krusty/cache/v1/entry.js';\n",
    fault: /cache may not import gen/,
  },
  'a way past a door': {
    path: 'src/cache/cache.ts',
    source: "/** x */\nimport {charge} from '../store/charge.js';\n",
    fault: /passes by the door src\/store\/index\.ts/,
  },
  'a client command that knows the server': {
    path: 'cli/commands/get.ts',
    source: "/** x */\nimport {createServer} from '../../src/server/index.js';\n",
    fault: /cli may not import server/,
  },
  'a client command that loads what serves': {
    path: 'cli/commands/get.ts',
    source: "/** x */\nimport Serve from './serve.js';\n",
    fault: /cli may not import cli serve/,
  },
  'a package in the store': {
    path: 'src/store/heap-store.ts',
    source: "/** x */\nimport {readFileSync} from 'node:fs';\n",
    fault: /store may not import node:fs/,
  },
  'a package of one file of the store in another': {
    path: 'src/store/shard.ts',
    source: "/** x */\nimport {threadId} from 'node:worker_threads';\n",
    fault: /store may not import node:worker_threads/,
  },
  'another package in a file of the store that has one': {
    path: 'src/store/lock.ts',
    source: "/** x */\nimport {randomBytes} from 'node:crypto';\n",
    fault: /store may not import node:crypto/,
  },
  'a package of Node in the transcoder': {
    path: 'src/transcoding/transcoder.ts',
    source: "/** x */\nimport {createServer} from 'node:http';\n",
    fault: /transcoding may not import node:http/,
  },
  'the cache in the transcoder': {
    path: 'src/transcoding/transcoder.ts',
    source: "/** x */\nimport {toStatus} from '../rpc/index.js';\n",
    fault: /transcoding may not import rpc/,
  },
  'a room that nobody has drawn': {
    path: 'src/attic/box.ts',
    source: "/** x */\nimport {assert} from '../base/index.js';\n",
    fault: /no room "attic"/,
  },
  'a look at the system clock': {
    path: 'src/store/heap-store.ts',
    source: '/** x */\nconst now = Date.now();\n',
    fault: /Date\.now outside the clock/,
  },
  'a timer': {
    path: 'src/cache/cache.ts',
    source: '/** x */\nsetTimeout(() => {}, 10);\n',
    fault: /setTimeout outside the clock/,
  },
  'another timer in a file that has one': {
    path: 'src/cache/make-room.ts',
    source: '/** x */\nsetTimeout(() => {}, 10);\n',
    fault: /setTimeout outside the clock/,
  },
  'a file without an opening': {
    path: 'src/base/bytes.ts',
    source: 'export const one = 1;\n',
    fault: /does not open with a comment/,
  },
  'a file that is too long': {
    path: 'src/base/bytes.ts',
    source: `/** x */\n${'export {};\n'.repeat(400)}`,
    fault: /has 401 lines/,
  },
};

for (const [name, {path, source, fault}] of Object.entries(planted)) {
  test(`the check finds ${name}`, t => {
    const faults = faultsOf(path, source);
    t.is(faults.length, 1, faults.join('\n'));
    t.regex(faults[0]!, fault);
  });
}

test('the check lets pass what is allowed', t => {
  const source = `/** Not imported: import {x} from '../rpc/index.js'; */
import {createHash} from 'node:crypto';
import {assert} from '../base/index.js';
import {charge} from '../store/index.js';
import {checkKey} from './validate.js';
`;
  t.deepEqual(importsOf(source), ['node:crypto', '../base/index.js', '../store/index.js', './validate.js']);
  t.deepEqual(faultsOf('src/cache/page-token.ts', source), []);
  t.deepEqual(faultsOf('src/store/off-heap-store.ts', "/** x */\nimport {randomBytes} from 'node:crypto';\n"), []);
  t.deepEqual(faultsOf('cli/commands/serve.ts', "/** x */\nimport {x} from '../../src/server/index.js';\n"), []);
  t.deepEqual(faultsOf('cli/lib/text.ts', "/** x */\nimport {x} from '../../src/gen/google/rpc/status.js';\n"), []);
});
