/** The system's clocks, as several threads have them. */
import test from 'ava';
import {createSystemClock, reserveSystemClock, systemClock} from '../../src/base/index.js';

test('clocks of one buffer tell the same wall time, also where another clock would differ a little', t => {
  const buffer = reserveSystemClock();
  const ahead = new Float64Array(buffer);
  ahead[0] = ahead[0]! + 7;
  const [one, other] = [createSystemClock(buffer), createSystemClock(buffer)];
  t.is(one.wallAheadMs(), ahead[0]);
  t.is(other.wallAheadMs(), one.wallAheadMs());
});

test('a wall clock that was set is followed, by all at once', t => {
  const buffer = reserveSystemClock();
  const [one, other] = [createSystemClock(buffer), createSystemClock(buffer)];
  new Float64Array(buffer)[0]! -= 3_600_000;
  t.true(Math.abs(one.wallAheadMs() - systemClock.wallAheadMs()) <= 21);
  t.is(other.wallAheadMs(), one.wallAheadMs());
  t.true(Number.isInteger(one.wallAheadMs()), 'a whole deadline is a whole time');
});

test('a revision made of the wall time is an integer near to what the system says', t => {
  const micros = systemClock.wallMicros();
  t.true(Number.isSafeInteger(micros));
  t.true(Math.abs(micros / 1000 - (systemClock.nowMs() + systemClock.wallAheadMs())) < 1000);
});
