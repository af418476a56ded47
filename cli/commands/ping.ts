import {systemClock} from '../../src/base/index.js';
import {HealthCheckResponse_ServingStatus as ServingStatus} from '../../src/gen/grpc/health/v1/health.js';
import {ClientCommand, exits} from '../lib/command.js';
import {exitCodes} from '../lib/exit-codes.js';

export default class Ping extends ClientCommand {
  static override summary = 'Ask the server for its health, and measure how long the answer takes.';
  static override description =
    `Fit for a container's health check: anything but exit code 0 is unhealthy.\n\n${exits('5 no server, or it is not serving')}`;
  static override examples = [
    '<%= config.bin %> ping',
    'HEALTHCHECK CMD ["<%= config.bin %>", "ping", "--quiet", "--timeout", "2s"]',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(Ping);
    const client = await this.connect(flags);
    const startMs = systemClock.nowMs();
    await client.checkHealth({});
    const connectedMs = systemClock.nowMs();
    // The second one measures the way alone, without making the connection.
    const {status} = await client.checkHealth({});
    const roundTripMs = round(systemClock.nowMs() - connectedMs);
    const firstMs = round(connectedMs - startMs);

    const isServing = status === ServingStatus.SERVING;
    const statusName = Object.entries(ServingStatus).find(([, value]) => value === status)?.[0] ?? 'UNKNOWN';
    if (isServing && !flags.json && !flags.quiet) {
      await this.write(`${client.address} is serving; round trip ${roundTripMs} ms (${firstMs} ms with connecting)\n`);
    }
    return this.conclude(flags, {
      json: () => ({address: client.address, status: statusName, roundTripMs, firstMs}),
      words: isServing ? '' : `${client.address} answers, but it is not serving: ${statusName}`,
      exitCode: isServing ? exitCodes.ok : exitCodes.unavailable,
    });
  }
}

/** To hundredths. */
function round(durationMs: number): number {
  return Math.round(durationMs * 100) / 100;
}
