/** ghz: 100,000 Gets over five connections without one error, counted on both sides. */
import assert from 'node:assert/strict';
import {check, heading} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';
import {goTool} from './lib/toolchain.js';

const calls = 100_000;

/** The part of ghz's JSON report that is read. */
interface GhzReport {
  count: number;
  statusCodeDistribution: Record<string, number>;
  errorDistribution?: Record<string, number>;
  rps: number;
}

export async function checkGhz(address: string): Promise<void> {
  const ghz = await goTool('ghz');
  const grpcurl = await goTool('grpcurl');
  heading('ghz');

  const ask = async (method: string, request: unknown) => {
    const args = ['-plaintext', '-d', JSON.stringify(request), address, `krusty.cache.v1.${method}`];
    return JSON.parse(await runOrThrow(grpcurl, args, {timeoutMs: 20_000}));
  };
  const hits = async () => Number((await ask('AdminService/GetStats', {})).total.hits ?? 0);

  await check('100,000 Gets by 50 callers over 5 connections, 0 errors', async () => {
    await ask('CacheService/Put', {key: 'ghz', value: Buffer.alloc(100, 'v').toString('base64')});
    const before = await hits();
    const load = ['-n', String(calls), '-c', '50', '--connections', '5', '-d', '{"key":"ghz"}'];
    const text = await runOrThrow(
      ghz,
      ['--insecure', '--call', 'krusty.cache.v1.CacheService.Get', ...load, '-O', 'json', address],
      {timeoutMs: 5 * 60_000},
    );
    const report = JSON.parse(text) as GhzReport;
    assert.equal(report.count, calls);
    assert.deepEqual(report.statusCodeDistribution, {OK: calls});
    assert.deepEqual(report.errorDistribution ?? {}, {});
    // The server's own count says that each was a lookup that found the entry.
    assert.equal((await hits()) - before, calls);
  });
}
