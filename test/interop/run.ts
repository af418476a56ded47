/**
 * Strangers against a running server: grpcurl, ghz, clients in Go, Python and Java, what
 * the README shows, and whole test suites. Started by `npm run test:interop`; names of parts
 * run those alone, and `--transport` runs them over that one:
 *
 *   npm run test:interop -- grpcurl ghz h2load go python java malformed page docs events metrics schemathesis readme watch h2spec hpack cases tls proxies --transport wire
 *
 * What a machine lacks is skipped, counted and said. Each part has a server of its own,
 * which must end by itself when it is told to.
 */
import assert from 'node:assert/strict';
import {parseArgs} from 'node:util';
import {transports} from '../../src/server/options.js';
import {checkGoClient, checkMalformed, checkPythonClient} from './clients.js';
import {checkDocsPage} from './docs-page.js';
import {checkEventSource} from './event-source.js';
import {checkGhz} from './ghz.js';
import {checkGrpcurl} from './grpcurl.js';
import {checkH2load} from './h2load.js';
import {checkHpack} from './hpack.js';
import {checkJavaClient} from './java.js';
import {check, closeReport, fail, heading, skip} from './lib/checks.js';
import {startServer} from './lib/server.js';
import {goMissing} from './lib/toolchain.js';
import {checkMetrics} from './metrics.js';
import {checkPage} from './page.js';
import {checkProxies} from './proxies.js';
import {checkReadme} from './readme.js';
import {checkSchemathesis} from './schemathesis.js';
import {checkGrpcCases, checkH2spec} from './suites.js';
import {checkTls} from './tls.js';
import {checkWatch} from './watch.js';

const needsGo = ['grpcurl', 'ghz', 'h2spec', 'cases', 'proxies'];

/** Against `krusty serve`, at this address. */
const againstServer: Record<string, (address: string, transport: string) => Promise<void>> = {
  grpcurl: checkGrpcurl,
  ghz: checkGhz,
  h2load: checkH2load,
  go: checkGoClient,
  python: checkPythonClient,
  java: checkJavaClient,
  malformed: checkMalformed,
  page: checkPage,
  docs: checkDocsPage,
  metrics: checkMetrics,
  schemathesis: checkSchemathesis,
  readme: address => checkReadme('README.md', address),
};

/** Against servers that they start themselves, with this transport. */
const againstOwn: Record<string, (transport: string) => Promise<void>> = {
  watch: checkWatch,
  events: checkEventSource,
  h2spec: async transport => {
    if (transport === 'wire') await checkH2spec();
  },
  hpack: async transport => {
    if (transport === 'wire') await checkHpack();
  },
  cases: checkGrpcCases,
  tls: checkTls,
  proxies: checkProxies,
};

const names = [...Object.keys(againstServer), ...Object.keys(againstOwn)];
const {positionals: asked, values} = parseArgs({allowPositionals: true, options: {transport: {type: 'string'}}});
for (const name of asked) {
  if (!names.includes(name)) {
    console.error(`${name} is not a part; the parts are ${names.join(', ')}`);
    process.exit(2);
  }
}

const withoutGo = await goMissing();
for (const transport of values.transport === undefined ? transports : [values.transport]) {
  heading(`Over ${transport}`);
  for (const name of names) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    if (withoutGo !== undefined && needsGo.includes(name)) {
      skip(name, withoutGo);
      continue;
    }
    try {
      await runPart(name, transport);
    } catch (error) {
      fail(name, error instanceof Error ? error.message : String(error));
    }
  }
}
process.exitCode = closeReport() ? 0 : 1;

async function runPart(name: string, transport: string): Promise<void> {
  const own = againstOwn[name];
  if (own) {
    await own(transport);
    return;
  }
  const server = await startServer({args: ['--transport', transport]});
  try {
    await againstServer[name]!(server.address, transport);
  } finally {
    await check(`${name}: the server ends by itself`, async () => assert.equal(await server.stop(), 0));
  }
}
