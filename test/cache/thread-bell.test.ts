/** The bell between the watch hubs of several threads, here with all hubs in one, and turns made by hand. */
import test, {type ExecutionContext} from 'ava';
import {ThreadBell} from '../../src/cache/thread-bell.js';

/** Asleep hubs are counted in the first word. */
function asleep(buffer: SharedArrayBuffer): number {
  return new Int32Array(buffer)[0]!;
}

/** Answers how many waits it ended. */
function ringForNothing(buffer: SharedArrayBuffer): number {
  return Atomics.notify(new Int32Array(buffer), 1);
}

class Hub {
  readonly bell: ThreadBell;
  /** Rings to come at the end of the turn. */
  readonly turns: (() => void)[] = [];
  rings = 0;
  #whenRung = () => {};

  constructor(buffer: SharedArrayBuffer) {
    const onRing = () => {
      this.rings++;
      this.bell.wakeUp();
      this.#whenRung();
    };
    this.bell = new ThreadBell({buffer, schedule: turn => this.turns.push(turn), onRing});
  }

  sleep({isBehind = false} = {}): void {
    this.bell.sleep(() => isBehind);
  }

  rung(): Promise<void> {
    return new Promise(resolve => {
      this.#whenRung = resolve;
    });
  }

  endTurn(): void {
    for (const turn of this.turns.splice(0)) turn();
  }
}

function hubs() {
  const buffer = ThreadBell.reserve();
  return {buffer, writer: new Hub(buffer), one: new Hub(buffer), other: new Hub(buffer)};
}

/** What was to come of a ring has come, when that of a later one has. */
async function settled(t: ExecutionContext, buffer: SharedArrayBuffer): Promise<void> {
  const last = new Hub(buffer);
  last.sleep();
  const rung = last.rung();
  last.bell.ring();
  last.endTurn();
  await rung;
  t.is(last.rings, 1);
}

test('a change wakes all hubs that sleep, at the end of the turn', async t => {
  const {buffer, writer, one, other} = hubs();
  one.sleep();
  other.sleep();
  t.is(asleep(buffer), 2);
  const rung = Promise.all([one.rung(), other.rung()]);
  writer.bell.ring();
  writer.bell.ring();
  t.is(writer.turns.length, 1, 'once a turn');
  writer.endTurn();
  await rung;
  t.deepEqual([one.rings, other.rings, asleep(buffer)], [1, 1, 0]);
});

test('nothing rings while nobody sleeps', t => {
  const {writer, one} = hubs();
  writer.bell.ring();
  t.is(writer.turns.length, 0);
  one.sleep();
  one.bell.wakeUp();
  writer.bell.ring();
  t.is(writer.turns.length, 0);
});

test('who finds something on the last look does not sleep', t => {
  const {buffer, one} = hubs();
  one.sleep({isBehind: true});
  t.deepEqual([one.rings, asleep(buffer)], [1, 0]);
});

test('a change between the last look and the sleep is not missed', async t => {
  const {writer, one} = hubs();
  const rung = one.rung();
  // The change comes as soon as the hub has looked.
  one.bell.sleep(() => {
    writer.bell.ring();
    writer.endTurn();
    return false;
  });
  await rung;
  t.is(one.rings, 1);
});

test('a hub that was woken otherwise sleeps again without a second wait, and a ring meanwhile is for nothing', async t => {
  const {buffer, writer, one} = hubs();
  for (let time = 0; time < 10; time++) {
    one.sleep();
    one.bell.wakeUp();
  }
  t.is(ringForNothing(buffer), 1);
  await settled(t, buffer);
  t.is(one.rings, 0);
  one.sleep();
  const rung = one.rung();
  writer.bell.ring();
  writer.endTurn();
  await rung;
  t.is(one.rings, 1);
});

test('a closed bell is not waited at any more', async t => {
  const {buffer, one} = hubs();
  one.sleep();
  one.bell.close();
  t.is(asleep(buffer), 0);
  await settled(t, buffer);
  t.is(one.rings, 0);
  t.is(ringForNothing(buffer), 0);
});
