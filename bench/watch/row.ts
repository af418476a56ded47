/** One row of what the bench `watch` is to show. */
import type {Pinning} from '../lib/pin.js';
import type {Bar, Table} from '../lib/report.js';

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
