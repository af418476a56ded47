/**
 * grpcurl and `buf curl`, which know nothing but what reflection tells them: every
 * service and message is listed and described, every RPC is called.
 */
import assert from 'node:assert/strict';
import {check, heading, matches} from './lib/checks.js';
import {run} from './lib/child.js';
import {inRoot} from './lib/root.js';
import {goTool} from './lib/toolchain.js';

const cache = 'krusty.cache.v1.CacheService';
const admin = 'krusty.cache.v1.AdminService';
const callMsMost = 20_000;

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What an answer of List is read for. */
interface ListAnswer {
  entries: {key: string}[];
  nextPageToken: string;
}

export async function checkGrpcurl(address: string): Promise<void> {
  const grpcurl = await goTool('grpcurl');
  heading('grpcurl, by reflection');

  const words = async (args: string[]) => {
    const {code, stdout, stderr} = await run(grpcurl, ['-plaintext', ...args], {timeoutMs: callMsMost});
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const list = async (...args: string[]) => (await words([address, 'list', ...args])).trim().split('\n');
  const describe = (symbol: string) => words([address, 'describe', symbol]);
  const call = async (method: string, request: unknown): Promise<unknown> =>
    JSON.parse(await words(['-emit-defaults', '-d', JSON.stringify(request), address, method]));

  /** A call that must fail: exit status 64 + code, and the status as JSON. */
  const failure = async (method: string, request: unknown, code: number) => {
    const args = ['-plaintext', '-format-error', '-d', JSON.stringify(request), address, method];
    const answer = await run(grpcurl, args, {timeoutMs: callMsMost});
    assert.equal(answer.code, 64 + code, answer.stderr + answer.stdout);
    return answer.stderr;
  };

  // Reflection.
  const services = [admin, cache, 'grpc.health.v1.Health'];
  await check('list names every service', async () => {
    const have = await list();
    for (const name of services) assert(have.includes(name), `${name} is not in ${have}`);
  });
  await check('list names every RPC of CacheService and AdminService', async () => {
    const ofCache = 'BatchDelete BatchGet BatchPut BatchTouch Delete Get Increment Put Touch Watch'.split(' ');
    const ofAdmin = 'Explain GetStats List Purge'.split(' ');
    assert.deepEqual(
      (await list(cache)).sort(),
      ofCache.map(name => `${cache}.${name}`),
    );
    assert.deepEqual(
      (await list(admin)).sort(),
      ofAdmin.map(name => `${admin}.${name}`),
    );
  });
  for (const service of services) {
    await check(`describe ${service}`, async () => {
      assert.match(await describe(service), new RegExp(`${service} is a service:\\n(//.*\\n)*service \\w+ \\{\\n`));
    });
  }
  await check('describe shows the HTTP bindings', async () => {
    const text = await describe(`${cache}.Get`);
    assert.match(text, /option \(\.?google\.api\.http\) = \{/);
    assert.match(text, /\/v1\/entries\/\{key\}/);
  });
  for (const message of [
    'krusty.cache.v1.Entry',
    'krusty.cache.v1.PutRequest',
    'krusty.cache.v1.BatchGetResponse',
    'krusty.cache.v1.WatchResponse',
    'krusty.cache.v1.GetStatsResponse',
    'google.protobuf.Timestamp',
    'google.protobuf.Duration',
    'google.rpc.Status',
    'google.rpc.ErrorInfo',
    'google.rpc.BadRequest',
  ]) {
    await check(`describe ${message}`, async () => {
      assert.match(await describe(message), new RegExp(`${message} is a message:\\n(//.*\\n)*message \\w+ \\{`));
    });
  }
  await check('describe an enum', async () => {
    assert.match(await describe('krusty.cache.v1.EventType'), /EVENT_TYPE_EVICT = 5;/);
  });
  await check('describe of an unknown symbol fails', async () => {
    const {code} = await run(grpcurl, ['-plaintext', address, 'describe', 'krusty.cache.v1.No'], {
      timeoutMs: callMsMost,
    });
    assert.notEqual(code, 0);
  });
  for (const version of ['v1', 'v1alpha']) {
    await check(`reflection ${version}, asked by hand`, async () => {
      const method = `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const answer = await call(method, {list_services: ''});
      const named = (answer as {listServicesResponse: {service: {name: string}[]}}).listServicesResponse.service;
      assert(
        named.some(({name}) => name === cache),
        JSON.stringify(named),
      );
      matches(await call(method, {file_containing_symbol: 'no.such.Symbol'}), {errorResponse: {errorCode: 5}});
    });
    await check(`a call through reflection ${version} alone`, async () => {
      const args = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--reflect-protocol', `grpc-${version}`];
      const url = `http://${address}/${cache}/Put`;
      const request = {key: `by ${version}`, value: base64('x'), ttl: '60s'};
      const {code, stdout, stderr} = await run(
        inRoot('node_modules', '.bin', 'buf'),
        [...args, '-d', JSON.stringify(request), url],
        {timeoutMs: callMsMost},
      );
      assert.equal(code, 0, stderr);
      const answer = JSON.parse(stdout);
      matches(answer, {outcome: 'OUTCOME_STORED'});
      assert.match(answer.expireTime, /^20\d\d-/);
    });
  }

  // Every RPC.
  await check('Health/Check', async () => {
    matches(await call('grpc.health.v1.Health/Check', {}), {status: 'SERVING'});
    matches(await call('grpc.health.v1.Health/Check', {service: cache}), {status: 'SERVING'});
    await failure('grpc.health.v1.Health/Check', {service: 'no.such.Service'}, 5);
  });
  await check('Put', async () => {
    const answer = await call(`${cache}/Put`, {
      key: 'curl/1',
      value: base64('hello'),
      ttl: '3600.5s',
      contentType: 'text/plain',
    });
    matches(answer, {outcome: 'OUTCOME_STORED', previous: null});
    const {revision, expireTime} = answer as {revision: string; expireTime: string};
    assert(BigInt(revision) > 0n);
    assert(Math.abs(Date.parse(expireTime) - Date.now() - 3_600_500) < 60_000, expireTime);
    matches(await call(`${cache}/Put`, {key: 'curl/1', value: '', ifAbsent: true, returnPrevious: true}), {
      outcome: 'OUTCOME_NOT_STORED',
      revision,
      previous: {value: base64('hello'), contentType: 'text/plain'},
    });
  });
  await check('Get', async () => {
    matches(await call(`${cache}/Get`, {key: 'curl/1'}), {
      outcome: 'OUTCOME_HIT',
      entry: {value: base64('hello'), contentType: 'text/plain', valueOmitted: false},
    });
    matches(await call(`${cache}/Get`, {key: 'curl/1', metadataOnly: true, view: 'ENTRY_VIEW_FULL'}), {
      entry: {key: 'curl/1', namespace: 'default', value: '', valueOmitted: true},
    });
    matches(await call(`${cache}/Get`, {key: 'curl/none'}), {outcome: 'OUTCOME_MISS', entry: null});
  });
  await check('Touch', async () => {
    matches(await call(`${cache}/Touch`, {key: 'curl/1', noExpiry: true}), {
      outcome: 'OUTCOME_TOUCHED',
      expireTime: null,
    });
    matches(await call(`${cache}/Touch`, {key: 'curl/none', ttl: '1s'}), {outcome: 'OUTCOME_NOT_FOUND'});
  });
  await check('Increment', async () => {
    const most = {key: 'curl/count', initial: '9007199254740992', delta: '1'};
    matches(await call(`${cache}/Increment`, most), {value: '9007199254740993'});
    matches(await call(`${cache}/Increment`, {key: 'curl/count', delta: '-9007199254740994'}), {value: '-1'});
  });
  await check('BatchPut', async () => {
    const requests = [{key: 'curl/a', value: base64('1')}, {key: ''}, {key: 'curl/b', value: base64('2')}];
    matches(await call(`${cache}/BatchPut`, {requests}), {
      failedCount: 1,
      results: [
        {response: {outcome: 'OUTCOME_STORED'}, status: null},
        {response: null, status: {code: 3}},
        {response: {outcome: 'OUTCOME_STORED'}, status: null},
      ],
    });
  });
  await check('BatchGet', async () => {
    const requests = ['curl/b', 'curl/none', 'curl/b'].map(key => ({key}));
    const b = {response: {outcome: 'OUTCOME_HIT', entry: {value: base64('2')}}};
    matches(await call(`${cache}/BatchGet`, {requests}), {
      failedCount: 0,
      results: [b, {response: {outcome: 'OUTCOME_MISS'}}, b],
    });
  });
  await check('BatchTouch', async () => {
    const requests = ['curl/a', 'curl/none'].map(key => ({key, ttl: '60s'}));
    matches(await call(`${cache}/BatchTouch`, {requests}), {
      results: [{response: {outcome: 'OUTCOME_TOUCHED'}}, {response: {outcome: 'OUTCOME_NOT_FOUND'}}],
    });
  });
  await check('List', async () => {
    const keys = new Set<string>();
    let pageToken = '';
    for (let pages = 0; pages < 100; pages++) {
      const page = (await call(`${admin}/List`, {prefix: 'curl/', pageSize: 2, pageToken})) as ListAnswer;
      for (const {key} of page.entries) keys.add(key);
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    assert.deepEqual([...keys].sort(), ['curl/1', 'curl/a', 'curl/b', 'curl/count']);
  });
  await check('Delete', async () => {
    const answer = await call(`${cache}/Delete`, {key: 'curl/a', returnPrevious: true});
    matches(answer, {outcome: 'OUTCOME_DELETED', previous: {value: base64('1')}});
    matches(await call(`${cache}/Delete`, {key: 'curl/a'}), {outcome: 'OUTCOME_NOT_FOUND', revision: '0'});
  });
  await check('BatchDelete', async () => {
    const requests = ['curl/b', 'curl/b'].map(key => ({key}));
    matches(await call(`${cache}/BatchDelete`, {requests}), {
      results: [{response: {outcome: 'OUTCOME_DELETED'}}, {response: {outcome: 'OUTCOME_NOT_FOUND'}}],
    });
  });
  await check('Purge', async () => {
    const answer = (await call(`${admin}/Purge`, {prefix: 'curl/'})) as {revision: string};
    assert(BigInt(answer.revision) > 0n);
    matches(await call(`${cache}/Get`, {key: 'curl/1'}), {outcome: 'OUTCOME_MISS'});
  });
  await check('Explain', async () => {
    matches(await call(`${admin}/Explain`, {key: 'curl/1'}), {
      present: false,
      type: 'EVENT_TYPE_PURGE',
      purgePrefix: 'curl/',
    });
  });
  await check('Watch', async () => {
    await call(`${cache}/Put`, {key: 'curl/watched', value: base64('x')});
    const request = JSON.stringify({targets: [{prefix: 'curl/'}, {key: 'k'}], initialState: true});
    const args = ['-plaintext', '-max-time', '2', '-d', request, address, `${cache}/Watch`];
    const {code, stdout} = await run(grpcurl, args, {timeoutMs: callMsMost});
    assert.equal(code, 64 + 4, 'it goes on until the deadline');
    // Messages one behind the other, as JSON.
    const messages = JSON.parse(`[${stdout.replaceAll(/^\}\n\{$/gm, '},{')}]`);
    assert.equal(messages.length, 3, stdout);
    matches(messages[1], {events: {events: [{type: 'EVENT_TYPE_PUT', listed: true, entry: {key: 'curl/watched'}}]}});
    assert(messages[0].created && messages[2].snapshotEnd, stdout);
  });
  await check('GetStats', async () => {
    const stats = (await call(`${admin}/GetStats`, {})) as Record<string, Record<string, string>>;
    assert(Number(stats.total?.hits) > 0 && Number(stats.total?.misses) > 0, JSON.stringify(stats.total));
    assert(Date.parse(String(stats.startTime)) <= Date.now());
    matches(stats, {watchers: '0', namespaces: [{name: 'default'}]});
  });

  // Odd keys, each beside what a careless server would take for the same.
  const odd = ['a/b', 'a%2Fb', 'a b', 'a+b', 'a%20b', 'a:b?c#d', 'a\nb', ' ', '\ufeffkey', 'key', '🦀', 'é', 'e\u0301'];
  await check(`${odd.length} odd keys stay apart`, async () => {
    for (const key of odd) {
      matches(await call(`${cache}/Put`, {key, value: base64(`of ${key}`)}), {outcome: 'OUTCOME_STORED'});
    }
    for (const key of odd) {
      matches(await call(`${cache}/Get`, {key, view: 'ENTRY_VIEW_FULL'}), {entry: {key, value: base64(`of ${key}`)}});
    }
  });

  // Errors, with details that grpcurl resolves by reflection as well.
  await check('an error shows ErrorInfo and BadRequest', async () => {
    const text = await failure(`${cache}/Get`, {key: ''}, 3);
    for (const part of ['google.rpc.ErrorInfo', '"KEY_EMPTY"', '"krusty.cache.v1"', 'google.rpc.BadRequest', '"key"']) {
      assert(text.includes(part), `no ${part} in ${text}`);
    }
  });
  for (const [what, method, request, code, reason] of [
    ['an unknown namespace', `${cache}/Get`, {key: 'k', namespace: 'nowhere'}, 5, 'UNKNOWN_NAMESPACE'],
    ['a negative TTL', `${cache}/Put`, {key: 'k', ttl: '-1s'}, 3, 'INVALID_TTL'],
    ['an increment of text', `${cache}/Increment`, {key: 'a/b'}, 9, 'NOT_A_NUMBER'],
    ['a batch of none', `${cache}/BatchPut`, {requests: []}, 3, 'BATCH_SIZE'],
    ['a purge of nothing', `${admin}/Purge`, {}, 3, 'INVALID_OPTION'],
    ['a watch of nothing', `${cache}/Watch`, {}, 3, 'NO_TARGET'],
    ['a watch from nowhere', `${cache}/Watch`, {targets: [{key: 'k'}], resumeToken: '?'}, 3, 'MALFORMED_RESUME_TOKEN'],
  ] as const) {
    await check(`${what} is ${reason}`, async () => {
      const text = await failure(method, request, code);
      assert(text.includes(`"${reason}"`), text);
    });
  }
}
