import {ClientCommand, exits} from '../lib/command.js';
import {toJson} from '../lib/json.js';
import {statsReport} from '../lib/stats-report.js';

export default class Stats extends ClientCommand {
  static override summary = 'Show the counters, sizes and limits of the server.';
  static override description = exits('5 no server');
  static override examples = ['<%= config.bin %> stats', '<%= config.bin %> stats --json | jq .total.hitRatio'];

  async run(): Promise<void> {
    const {flags} = await this.parse(Stats);
    const client = await this.connect(flags);
    const stats = await client.getStats({});
    if (!flags.json) await this.write(statsReport(stats));
    return this.conclude(flags, {json: () => toJson(stats)});
  }
}
