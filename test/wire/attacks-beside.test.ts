/** During each attack a good peer on another connection is answered, and nothing of the attack is kept. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {Random, withSeed} from '../helpers/random.js';
import {type Attack, attacksOn} from './helpers/attacks.js';
import {call, preface, settings} from './helpers/frames.js';
import {type Bench, type Peer, startBench} from './helpers/peer.js';

const attackers = 5;
const rounds = 15;
const text = (value: string) => Buffer.from(value);

const target = {
  path: '/t.T/Large',
  request: text('10'),
  largeRequest: text('1000000'),
  requestBytesMost: 2 ** 20,
};

class Attacker {
  readonly #bench: Bench;
  readonly #attack: Attack;
  #peer: Peer | undefined;
  #index = 0;
  connections = 0;

  constructor(bench: Bench, attack: Attack) {
    this.#bench = bench;
    this.#attack = attack;
  }

  /** Says so much more, on another connection if this one is over. */
  act(count: number): void {
    if (!this.#peer || this.#peer.closed || this.#peer.goAway) this.#connect();
    const {next, endsSide} = this.#attack;
    if (!next) return;
    this.#peer!.send(...Array.from({length: endsSide ? 1 : count}, () => next(this.#index++)));
    if (endsSide) this.leave();
  }

  /** Ends its side, or all of it. */
  leave(isRude = false): void {
    if (isRude) this.#peer?.duplex.destroy();
    else this.#peer?.duplex.end();
    this.#peer = undefined;
  }

  #connect(): void {
    this.leave(true);
    const {first = Buffer.concat([preface, settings()]), begin, readsNothing} = this.#attack;
    this.#peer = this.#bench.connectSilently();
    this.#peer.send(first, begin ?? Buffer.alloc(0));
    if (readsNothing) this.#peer.duplex.pause();
    this.#index = 0;
    this.connections++;
  }
}

for (const [name, attack] of Object.entries(attacksOn(target))) {
  test(`a good peer is served beside: ${name}`, t =>
    withSeed(t, async seed => {
      const random = new Random(seed);
      const bench = startBench(t);
      const good = await bench.connect();
      const bad = Array.from({length: attackers}, () => new Attacker(bench, attack));
      for (let round = 0; round < rounds; round++) {
        for (const attacker of bad) attacker.act(1 + random.below(40));
        await good.ask(call(2 * round + 1, '/t.T/Echo', text(`call ${round}`)));
        while (!good.answer(2 * round + 1).ended && !good.closed) await good.settle();
        t.deepEqual(good.answer(2 * round + 1).messages, [`call ${round}`]);
        bench.timers.advance(random.below(2000));
        const {connections, heldBytes} = bench.server.counters();
        t.true(connections <= 2 * attackers + 1, `${connections} connections`);
        t.true(heldBytes <= attackers * (limits.wireIncompleteBytesMost + limits.wireFlowingQueueBytesMost));
      }
      for (const attacker of bad) attacker.leave(true);
      for (let turn = 0; turn < 20; turn++) await good.settle();
      bench.timers.advance(limits.wireCloseMsMost);
      await good.settle();
      t.is(good.goAway, undefined);
      t.is(bench.server.counters().connections, 1);
      t.is(bench.server.counters().heldBytes, 0);
      t.deepEqual(bench.faults, []);
    }));
}
