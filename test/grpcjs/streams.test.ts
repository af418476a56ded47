/** What a stream keeps for a client that does not read is counted in bytes, by an engine that sends when the test says so. */
import {Writable} from 'node:stream';
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {EngineOutStream} from '../../src/grpcjs/streams.js';

/** A stream of the engine: it sends one message at a time, when told to. */
function heldStream() {
  const confirm: (() => void)[] = [];
  const engine = new Writable({
    objectMode: true,
    write: (_message, _encoding, callback) => void confirm.push(callback),
  });
  // As the engine's own listener does.
  engine.on('error', () => engine.end());
  const faults: unknown[] = [];
  const out = new EngineOutStream(engine as never, {}, fault => faults.push(fault));
  const calls: string[] = [];
  out.onDrain(() => calls.push('drain'));
  out.onClose(() => calls.push('close'));
  /** The engine has sent so many messages. */
  const send = (count: number) => {
    for (let sent = 0; sent < count; sent++) confirm.shift()!();
  };
  return {out, engine, calls, send};
}

const {streamQueueBytesMost: most, streamMessageOverheadBytes: overhead} = limits;
/** A message that takes this share of what a stream keeps. */
const share = (fraction: number) => new Uint8Array(most * fraction - overhead);

test('the bytes of messages that are not yet sent are bounded', t => {
  const {out, calls, send} = heldStream();
  t.deepEqual(
    Array.from({length: 5}, () => out.write(share(1 / 4))),
    [true, true, true, false, false],
  );
  send(1);
  t.deepEqual(calls, [], 'it still keeps what it may');
  send(1);
  t.deepEqual(calls, ['drain']);
  send(2);
  t.deepEqual(calls, ['drain'], 'said once');
});

test('a message of any size is taken, and one is enough', t => {
  const {out, calls, send} = heldStream();
  t.false(out.write(new Uint8Array(10 * most)));
  send(1);
  t.deepEqual(calls, ['drain']);
  t.true(out.write(share(1 / 2)));
});

test('small messages count with what keeping them costs', t => {
  const {out} = heldStream();
  let written = 1;
  while (out.write(new Uint8Array(0))) written++;
  t.is(written, most / overhead);
});

test('a stream that is drained can be filled at once, and says again when it takes more', t => {
  const {out, calls, send} = heldStream();
  const taken: boolean[] = [];
  out.onDrain(() => taken.push(out.write(share(1))));
  out.write(share(1));
  send(2);
  t.deepEqual(taken, [false, false]);
  t.deepEqual(calls, ['drain', 'drain']);
});

test('a stream that is over asks for nothing, and takes nothing', t => {
  const {out, engine, calls, send} = heldStream();
  out.write(share(1));
  out.write(share(1));
  out.end();
  t.deepEqual(calls, ['close']);
  send(2);
  t.false(out.write(share(1)));
  engine.destroy();
  t.deepEqual(calls, ['close']);
});

test('who listens too late is told at once that a stream is over', t => {
  const {out, engine, calls} = heldStream();
  engine.emit('cancelled', 'cancelled');
  t.deepEqual(calls, ['close']);
  out.onClose(() => calls.push('close again'));
  t.deepEqual(calls, ['close', 'close again']);
});
