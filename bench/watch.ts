/**
 * Watching: what a delivery costs, what ten thousand watchers take, and what neither
 * writers nor other watchers may feel of them; against etcd, Redis pub/sub and NATS
 * where they can be had. Each row is a file of watch/.
 */
import {pinning} from './lib/pin.js';
import type {BenchOptions, BenchResult} from './lib/report.js';
import {measureRows, type Row} from './lib/rows.js';
import {fanOut} from './watch/fan-out.js';
import {history} from './watch/history.js';
import {idle} from './watch/idle.js';
import {many} from './watch/many.js';
import {massExpiry} from './watch/mass-expiry.js';
import {stalled} from './watch/stalled.js';
import {peerVersions, presentSubjects} from './watch/subjects.js';

const rows: Record<string, Row> = {'fan-out': fanOut, many, history, idle, stalled, 'mass expiry': massExpiry};

export async function watch({quick}: BenchOptions): Promise<BenchResult> {
  const pins = await pinning();
  await presentSubjects(); // Installs what it can before anything is measured.
  return {
    name: 'watch',
    about:
      `Every watcher must get every event, once and in order, or the row fails. ${pins.note}, except for mass expiry, which has both; subjects interleaved, medians, with the spread between the runs in brackets. ` +
      `Peers: ${await peerVersions()}.`,
    ...(await measureRows('watch', rows, {quick, pins})),
  };
}
