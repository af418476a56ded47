/** A bench of several rows, each of which shows something of its own, and may fail alone. */
import type {Pinning} from './pin.js';
import type {Bar, BenchResult, Table} from './report.js';

export interface RowResult {
  tables: Table[];
  bars: Bar[];
  data: unknown;
}

export interface RowOptions {
  quick: boolean;
  pins: Pinning;
}

export type Row = (options: RowOptions) => Promise<RowResult>;

/** What all rows of a bench found, one after the other. */
export async function measureRows(
  bench: string,
  rows: Readonly<Record<string, Row>>,
  options: RowOptions,
): Promise<Pick<BenchResult, 'tables' | 'bars' | 'data'>> {
  const results: Record<string, RowResult> = {};
  for (const [name, row] of Object.entries(rows)) {
    try {
      results[name] = await row(options);
    } catch (error) {
      process.exitCode = 1;
      console.error(`${bench} ${name}: ${error instanceof Error ? error.message : error}`);
      results[name] = {tables: [], bars: [failed(`${bench} ${name}`)], data: String(error)};
    }
  }
  const all = Object.values(results);
  return {
    tables: all.flatMap(({tables}) => tables),
    bars: all.flatMap(({bars}) => bars),
    data: Object.fromEntries(Object.entries(results).map(([name, {data}]) => [name, data])),
  };
}

/** A row without figures does not pass. */
function failed(name: string): Bar {
  return {name: `${name}, which failed`, figure: Number.NaN, target: 0, need: 'at most'};
}
