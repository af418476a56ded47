/** `krusty serve`: what it prints, what it listens to, and how it ends. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {credentials} from '@grpc/grpc-js';
import test, {type ExecutionContext} from 'ava';
import {ServerReflectionClient, ServerReflectionRequest} from '../../src/gen/grpc/reflection/v1/reflection.js';
import {environmentName, optionTable} from '../../src/server/index.js';
import {ended, krusty, krustyPath, parsed, startKrusty} from './helpers/krusty.js';

/** Starts a server, and answers it with what it printed once that holds `mark`. */
async function serve(
  t: ExecutionContext,
  args: string[],
  mark: RegExp,
  env?: Record<string, string>,
): Promise<{child: ChildProcess; output: string}> {
  const child = startKrusty(['serve', ...args], {env});
  t.teardown(() => child.kill('SIGKILL'));
  return {child, output: await seen(child.stdout!, mark)};
}

/** What a stream has said when it holds `mark`. */
function seen(stream: NodeJS.ReadableStream, mark: RegExp): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    stream.on('data', chunk => {
      output += chunk;
      if (mark.test(output)) resolve(output);
    });
    stream.on('end', () => reject(new Error(`ended without ${mark}: ${output}`)));
  });
}

test('it prints the address, the limits in force, and lines that work', async t => {
  const args = ['--port', '0', '--namespace', 's:max-entries=10,max-memory=1mb,default-ttl=30m'];
  const {child, output} = await serve(t, args, /CacheService\/Get\n/);
  const address = /serves gRPC and HTTP on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
  t.truthy(address, output);
  t.regex(output, /keys up to 1kb, values up to 1mb/);
  t.regex(output, /namespace s: 10 entries, 1mb, default TTL 30m/);
  const tries = [...output.matchAll(/^ {2}krusty (.*)$/gm)].map(([, line]) => line!.split(' '));
  t.is(tries.length, 2);
  for (const line of tries) t.is((await krusty(line)).code, 0, line.join(' '));
  t.true(output.includes(`grpcurl -plaintext -d '{"key":"greeting"}' ${address} `));
  child.kill('SIGTERM');
  const {code} = await ended(child);
  t.is(code, 0);
});

test('one Ctrl-C ends it with 0', async t => {
  const {child, output} = await serve(t, ['--port', '0', '--json'], /\n}\n$/);
  const {address, options} = parsed(output) as {address: string; options: object};
  t.like(options, {address: '127.0.0.1', maxKeyBytes: 1024});
  t.is((await krusty(['ping', '--address', address])).code, 0);
  child.kill('SIGINT');
  const {code, stderr} = await ended(child);
  t.is(code, 0);
  t.regex(stderr, /SIGINT: finishing the calls under way/);
});

test('a second Ctrl-C does not wait for the calls under way', async t => {
  const {child, output} = await serve(t, ['--port', '0', '--json'], /\n}\n$/);
  const {address} = parsed(output) as {address: string};
  const client = new ServerReflectionClient(address, credentials.createInsecure());
  t.teardown(() => client.close());
  const call = client.serverReflectionInfo();
  call.on('error', () => {});
  call.write(ServerReflectionRequest.create({messageRequest: {$case: 'listServices', value: ''}}));
  await once(call, 'data'); // the call is open, and stays so
  const end = ended(child);
  child.kill('SIGINT');
  await seen(child.stderr!, /once more stops at once/);
  child.kill('SIGINT');
  t.is((await end).code, 130);
});

test('a port in use is named with its address, and what to do', async t => {
  const {output} = await serve(t, ['--port', '0', '--json'], /\n}\n$/);
  const port = (parsed(output) as {address: string}).address.split(':')[1]!;
  const {code, stdout, stderr} = await krusty(['serve', '--port', port]);
  t.is(code, 1);
  t.is(stdout.toString(), '');
  t.is(
    stderr,
    `krusty: cannot listen: port ${port} of 127.0.0.1 is in use. Stop what listens there, or take another port with --port (0 takes a free one)\n`,
  );
});

test('a flag counts before a variable, that before the config file', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'krusty-serve-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const config = join(folder, 'krusty.toml');
  writeFileSync(config, 'port = 0\nmax-entries = 1\nmax-key-bytes = 100\nmax-value-bytes = "2kb"\n');
  const env = {KRUSTY_MAX_ENTRIES: '2', KRUSTY_MAX_KEY_BYTES: '200'};
  const {output} = await serve(t, ['--config', config, '--max-entries', '3', '--json'], /\n}\n$/, env);
  t.like((parsed(output) as {options: object}).options, {maxEntries: 3, maxKeyBytes: 200, maxValueBytes: 2048});
});

test('one KRUSTY_ADDRESS with a port serves both sides', async t => {
  const env = {KRUSTY_ADDRESS: '127.0.0.1:0'};
  const {output} = await serve(t, ['--json'], /\n}\n$/, env);
  t.like((parsed(output) as {options: object}).options, {address: '127.0.0.1', port: 0});
});

test('the help shows each option with its variable and default', async t => {
  const help = (await krusty(['serve', '--help'])).stdout.toString().replace(/\s+/g, ' ');
  for (const option of optionTable) {
    t.true(help.includes(`--${option.name}=`), option.name);
    t.true(help.includes(environmentName(option)), environmentName(option));
    const defaultText = option.defaultText?.();
    if (defaultText) t.true(help.includes(`default: ${defaultText}`), `${option.name} ${defaultText}`);
  }
});

test('without a build it says how to make one', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'krusty-unbuilt-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  mkdirSync(join(folder, 'cli'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  copyFileSync(krustyPath, join(folder, 'cli/krusty.js'));
  const {code, stderr} = await ended(spawn(process.execPath, [join(folder, 'cli/krusty.js')]));
  t.is(code, 1);
  t.regex(stderr, /not built yet: .* Run: npm install\n$/);
});
