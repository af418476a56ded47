/** Who has something to do at the end of a turn is told then, once, and does not keep a buffer for long. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {Turns} from '../../src/wire/turns.js';

function start() {
  const planned: (() => void)[] = [];
  const turns = new Turns(run => void planned.push(run));
  const made = (onEnd = () => {}) => {
    const connection = {flushed: 0, ended: 0, output: {flush: () => void connection.flushed++}, endTurn: () => {}};
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
  return {turns, planned, made, endTurn};
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
