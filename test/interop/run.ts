/**
 * Strangers against a running server: grpcurl, ghz, clients in Go and Python, and what
 * the README shows. Started by `npm run test:interop`; names of parts run those alone:
 *
 *   npm run test:interop -- grpcurl ghz go python malformed page events metrics readme watch
 *
 * What a machine lacks is skipped, counted and said. Each part has a server of its own,
 * which must end by itself when it is told to.
 */
import assert from 'node:assert/strict';
import {checkGoClient, checkMalformed, checkPythonClient} from './clients.js';
import {checkEventSource} from './event-source.js';
import {checkGhz} from './ghz.js';
import {checkGrpcurl} from './grpcurl.js';
import {check, closeReport, fail, skip} from './lib/checks.js';
import {startServer} from './lib/server.js';
import {goMissing} from './lib/toolchain.js';
import {checkMetrics} from './metrics.js';
import {checkPage} from './page.js';
import {checkReadme} from './readme.js';
import {checkWatch} from './watch.js';

const needsGo = ['grpcurl', 'ghz'];

const parts: Record<string, () => Promise<void>> = {
  grpcurl: () => withServer('grpcurl', checkGrpcurl),
  ghz: () => withServer('ghz', checkGhz),
  go: () => withServer('go', checkGoClient),
  python: () => withServer('python', checkPythonClient),
  malformed: () => withServer('malformed', checkMalformed),
  page: () => withServer('page', checkPage),
  events: checkEventSource,
  metrics: () => withServer('metrics', checkMetrics),
  readme: () => withServer('readme', address => checkReadme('README.md', address)),
  watch: checkWatch,
};

const asked = process.argv.slice(2);
for (const name of asked) {
  if (!(name in parts)) {
    console.error(`${name} is not a part; the parts are ${Object.keys(parts).join(', ')}`);
    process.exit(2);
  }
}

const withoutGo = await goMissing();
for (const [name, runPart] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  if (withoutGo !== undefined && needsGo.includes(name)) {
    skip(name, withoutGo);
    continue;
  }
  try {
    await runPart();
  } catch (error) {
    fail(name, error instanceof Error ? error.message : String(error));
  }
}
process.exitCode = closeReport() ? 0 : 1;

async function withServer(name: string, checkPart: (address: string) => Promise<void>): Promise<void> {
  const server = await startServer();
  try {
    await checkPart(server.address);
  } finally {
    await check(`${name}: the server ends by itself`, async () => assert.equal(await server.stop(), 0));
  }
}
