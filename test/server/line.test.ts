/** Questions between threads: each is answered once, with a value, a failure, or that nobody answers. */
import {MessageChannel} from 'node:worker_threads';
import test from 'ava';
import {Line, TimeoutError} from '../../src/server/line.js';

function connected<A extends Record<string, (argument: never) => unknown>>(answers: A) {
  const {port1, port2} = new MessageChannel();
  new Line(port2, answers);
  return {line: new Line<A>(port1, {}), end: () => port1.close()};
}

test('answers find their questions, whatever their order', async t => {
  const held: (() => void)[] = [];
  const {line, end} = connected({
    late: (name: string) => new Promise<string>(resolve => held.push(() => resolve(name))),
    soon: (number: number) => {
      for (const release of held.reverse()) release();
      return number + 1;
    },
  });
  const [one, two, three] = await Promise.all([line.ask('late', 'one'), line.ask('late', 'two'), line.ask('soon', 3)]);
  t.deepEqual([one, two, three], ['one', 'two', 4]);
  end();
});

test('a failure arrives with what it holds', async t => {
  const {line, end} = connected({
    fail: (_nothing: undefined) => {
      throw Object.assign(new Error('in use'), {code: 'EADDRINUSE', port: 70});
    },
  });
  const error = await t.throwsAsync(line.ask('fail', undefined), {message: 'in use'});
  t.like(error, {code: 'EADDRINUSE', port: 70});
  end();
});

test('who is not answered in time, or not at all, learns it', async t => {
  const {line, end} = connected({never: (_nothing: undefined) => new Promise<void>(() => {})});
  await t.throwsAsync(line.ask('never', undefined, 1), {instanceOf: TimeoutError});
  const open = line.ask('never', undefined);
  line.end(new Error('it is dead'));
  await t.throwsAsync(open, {message: 'it is dead'});
  await t.throwsAsync(line.ask('never', undefined), {message: 'it is dead'});
  end();
});
