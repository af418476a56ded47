/** What a peer makes us hold, measured. Alone in its file, since all tests of a file share their memory. */
import test from 'ava';
import {data, headers, requestFields} from './helpers/frames.js';
import {startBench} from './helpers/peer.js';

test('a peer that announces much and sends little makes us hold little', async t => {
  const bench = startBench(t);
  const before = process.memoryUsage();
  for (let count = 0; count < 100; count++) {
    const peer = await bench.connect();
    peer.send(headers(1, requestFields('/t.T/Echo')), data(1, Buffer.from([0, 0, 15, 255, 255, 1])));
    peer.send(Buffer.from([0, 0x3f, 0xff, 0, 0, 0, 0, 0, 1, 5]));
    await peer.settle();
  }
  const after = process.memoryUsage();
  const grown = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
  t.true(grown < 100 * 32_000, `grew by ${grown} bytes`);
});
