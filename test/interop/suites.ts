/** Strangers' test suites: h2spec for HTTP/2, and the cases of the gRPC projects' interop client. */
import assert from 'node:assert/strict';
import {check, fail, heading, pass} from './lib/checks.js';
import {run, runOrThrow} from './lib/child.js';
import {inRoot} from './lib/root.js';
import {freePort, startListener} from './lib/server.js';
import {goTool} from './lib/toolchain.js';

/** Those that need no credentials and no compression. */
const cases = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
];

export async function checkH2spec(): Promise<void> {
  heading('h2spec');
  await withTestServer('wire', async port => {
    const report = await runOrThrow(await goTool('h2spec'), ['-h', '127.0.0.1', '-p', String(port), '-o', '5'], {
      timeoutMs: 10 * 60_000,
    });
    const [, passed, skipped, failed] = /(\d+) passed, (\d+) skipped, (\d+) failed/.exec(report) ?? [];
    if (Number(passed) > 100 && skipped === '0' && failed === '0') pass(`h2spec: ${passed} tests, all passed`);
    else fail('h2spec', report.slice(-3000));
  });
}

export async function checkGrpcCases(transport: string): Promise<void> {
  heading(`The gRPC interop client, over ${transport}`);
  await withTestServer(transport, async port => {
    const client = await goTool('client');
    for (const name of cases) {
      await check(`${transport}: ${name}`, async () => {
        const args = ['-server_host', '127.0.0.1', '-server_port', String(port), '-test_case', name];
        const {code, stderr} = await run(client, args, {timeoutMs: 60_000});
        assert.equal(code, 0, stderr.slice(-2000));
      });
    }
  });
}

export async function withTestServer(transport: string, body: (port: number) => Promise<void>): Promise<void> {
  const port = await freePort();
  const script = inRoot('dist', 'test', 'interop', 'test-server.js');
  const server = await startListener([process.execPath, script, transport, String(port)], port);
  try {
    await body(port);
  } finally {
    await check(`${transport}: the test server ends without a fault`, async () => assert.equal(await server.stop(), 0));
  }
}
