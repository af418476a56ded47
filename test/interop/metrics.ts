/** The metrics, judged by Prometheus' own promtool. */
import assert from 'node:assert/strict';
import {check, heading, skip} from './lib/checks.js';
import {run} from './lib/child.js';
import {findProgram} from './lib/programs.js';

export async function checkMetrics(address: string): Promise<void> {
  heading('Metrics');
  const promtool = findProgram('promtool');
  if (promtool === undefined) {
    return skip('metrics', 'there is no promtool (on Debian: test/interop/install-browser.sh)');
  }
  await check('promtool reads the metrics, and would name them so', async () => {
    const response = await fetch(`http://${address}/-/metrics`);
    const input = await response.text();
    assert.match(input, /^krusty_entries\{namespace="default"\} /m);
    const {code, stdout, stderr} = await run(promtool, ['check', 'metrics'], {input, timeoutMs: 20_000});
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stdout + stderr, '');
  });
}
