/** Who has something to do at the end of a turn is told then, once, and does not keep a buffer for long. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {Turns} from '../../src/wire/turns.js';

function start() {
  const planned: (() => void)[] = [];
  const clock = {nowMs: 0};
  /** What it takes to go on. */
  const slow = {ms: 0};
  const turns = new Turns({soon: run => void planned.push(run), nowMs: () => clock.nowMs});
  const made = (onEnd = () => {}) => {
    const connection = {
      flushed: 0,
      ended: 0,
      wentOn: 0,
      output: {flush: () => void connection.flushed++},
      endTurn: () => {},
      goOn: () => {
        connection.wentOn++;
        clock.nowMs += slow.ms;
      },
    };
    connection.endTurn = () => {
      connection.ended++;
      onEnd();
    };
    return connection;
  };
  /** The turn ends; what is planned meanwhile is for the next. */
  const endTurn = () => {
    for (const run of planned.splice(0)) run();
  };
  return {turns, planned, made, endTurn, slow};
}

test('each is told once at the end of its turn', t => {
  const {turns, planned, made, endTurn} = start();
  const connections = [made(), made(), made()];
  for (const connection of connections) turns.add(connection);
  t.is(planned.length, 1);
  t.deepEqual(
    connections.map(({ended}) => ended),
    [0, 0, 0],
  );
  endTurn();
  endTurn();
  t.deepEqual(
    connections.map(({ended}) => ended),
    [1, 1, 1],
  );
});

test('who has more to do when it is told is told again in the next turn', t => {
  const {turns, made, endTurn} = start();
  const connection = made(() => turns.add(connection));
  turns.add(connection);
  endTurn();
  t.is(connection.ended, 1);
  endTurn();
  t.is(connection.ended, 2);
});

test('when many wait, those before them are flushed, and told at the end all the same', t => {
  const {turns, made, endTurn} = start();
  const most = limits.wireBuffersMost;
  const connections = Array.from({length: 2 * most + 1}, () => made());
  for (const connection of connections) turns.add(connection);
  t.deepEqual(
    connections.map(({flushed}) => flushed),
    connections.map((_, index) => (index < 2 * most ? 1 : 0)),
  );
  t.true(connections.every(({ended}) => ended === 0));
  endTurn();
  t.true(connections.every(({ended}) => ended === 1));
});

test('those who are behind go on in turn, for so long in each turn over all of them', t => {
  const {turns, made, endTurn, slow, planned} = start();
  const connections = [made(), made(), made()];
  for (const connection of connections) turns.addBehind(connection);
  const wentOn = () => connections.map(({wentOn}) => wentOn);
  slow.ms = limits.wireTurnMs;
  endTurn();
  t.deepEqual(wentOn(), [1, 0, 0]);
  turns.addBehind(connections[0]!);
  endTurn();
  endTurn();
  t.deepEqual(wentOn(), [1, 1, 1], 'who went on comes behind those who have not');
  t.is(turns.cutTurns, 3);
  slow.ms = 0;
  for (const connection of connections) turns.addBehind(connection);
  endTurn();
  t.deepEqual(wentOn(), [2, 2, 2]);
  t.is(planned.length, 0);
});

test('while somebody is there who sends little, those who are behind go on for less at a time', t => {
  const {turns, made, endTurn, slow} = start();
  slow.ms = limits.wireTurnMs / 2;
  t.true(slow.ms >= limits.wireSharedTurnMs);
  const turn = () => {
    const connections = [made(), made(), made()];
    for (const connection of connections) turns.addBehind(connection);
    endTurn();
    for (const connection of connections) turns.leave(connection);
    return connections.filter(({wentOn}) => wentOn > 0).length;
  };
  t.is(turn(), 2);
  turns.share();
  for (let shared = 0; shared < limits.wireSharedTurns; shared++) t.is(turn(), 1);
  t.is(turn(), 2);
});

test('and less of what they send is done at once, once they are behind', t => {
  const {turns, made, endTurn} = start();
  const spent = () => {
    turns.spend(limits.wireSharedTurnCredit);
    const {hasCredit} = turns;
    turns.spend(-limits.wireSharedTurnCredit);
    return !hasCredit;
  };
  turns.share();
  turns.add(made());
  endTurn();
  t.false(spent(), 'nobody is behind');
  const large = made(() => {});
  large.goOn = () => turns.addBehind(large);
  turns.addBehind(large);
  endTurn();
  t.true(spent());
  for (let turn = 0; turn < limits.wireSharedTurns; turn++) endTurn();
  t.false(spent(), 'nobody sends little any more');
});

test('what is done at once is bounded over all, but those who send little are served', t => {
  const {turns, endTurn, made} = start();
  t.is(turns.creditFor(50_000), limits.wireReadCredit);
  turns.spend(limits.wireTurnCredit - 1);
  t.is(turns.creditFor(50_000), 1);
  t.is(turns.creditFor(50), limits.wireSmallReadCredit);
  turns.spend(1_000_000);
  t.is(turns.creditFor(50_000), 0);
  t.is(turns.creditFor(50), limits.wireSmallReadCredit);
  t.false(turns.hasCredit);
  turns.add(made());
  endTurn();
  t.is(turns.creditFor(50_000), limits.wireReadCredit);
});

test('where too much waits to be read, all is read at once', t => {
  const {turns} = start();
  turns.unreadBytes = limits.wireUnreadBytesMost;
  t.is(turns.creditFor(50_000), Number.POSITIVE_INFINITY);
});
