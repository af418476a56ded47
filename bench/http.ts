/**
 * What HTTP costs: a GET as a plain key and as JSON, against a bare node:http handler,
 * and a watch as server-sent events, against one over gRPC. Each row is a file of http/.
 */
import {events} from './http/events.js';
import {requests} from './http/requests.js';
import {pinning} from './lib/pin.js';
import type {BenchOptions, BenchResult} from './lib/report.js';
import {measureRows} from './lib/rows.js';

export async function http({quick}: BenchOptions): Promise<BenchResult> {
  const pins = await pinning();
  return {
    name: 'http',
    about:
      `Over HTTP/1.1; ${pins.note}; subjects interleaved, medians, with the spread between the runs in brackets. ` +
      "The bars are of the server's CPU: what others do on its core is not in them.",
    ...(await measureRows('http', {requests, events}, {quick, pins})),
  };
}
