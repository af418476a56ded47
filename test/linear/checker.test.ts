/** The checker of what threads do at the same time: what it lets pass, and what it finds. */
import test from 'ava';
import {checkHistory, type Operation} from './checker.js';
import type {Condition, Done} from './register.js';

const at = (called: number, returned: number, done: Done, key = 'k'): Operation => ({key, called, returned, done});
const put = (
  value: string,
  revision: number,
  {existed = false, ...condition}: Condition & {existed?: boolean} = {},
): Done => ({
  do: 'put',
  value,
  condition,
  stored: true,
  existed,
  revision,
});
const lost = (revision: number, condition: Condition): Done => ({
  do: 'put',
  value: 'x',
  condition,
  stored: false,
  existed: revision > 0,
  revision,
});
const get = (value: string | undefined, revision: number): Done => ({do: 'get', value, revision});
const remove = (revision: number): Done => ({do: 'delete', condition: {}, outcome: 'deleted', revision});
const increment = (value: string, revision: number): Done => ({do: 'increment', delta: 1, initial: 0, value, revision});

const fine: Record<string, Operation[][]> = {
  'one after the other': [
    [at(1, 2, put('a', 1)), at(3, 4, get('a', 1)), at(5, 6, remove(2)), at(7, 8, get(undefined, 0))],
  ],
  'a get during a put, of what was before': [[at(1, 9, put('a', 1))], [at(2, 3, get(undefined, 0))]],
  'a get during a put, of what is put': [[at(1, 9, put('a', 1))], [at(2, 3, get('a', 1))]],
  'two puts at once, in either order': [
    [at(1, 9, put('a', 2, {existed: true})), at(10, 11, get('a', 2))],
    [at(1, 9, put('b', 1))],
  ],
  'one of two if_absent at once': [[at(1, 9, put('a', 1, {ifAbsent: true}))], [at(1, 9, lost(1, {ifAbsent: true}))]],
  'increments at once': [[at(1, 9, increment('2', 2))], [at(1, 9, increment('1', 1))], [at(1, 9, increment('3', 3))]],
  'a long one that spans many': [
    [at(1, 100, get('b', 2))],
    [at(2, 3, put('a', 1)), at(4, 5, put('b', 2, {existed: true})), at(6, 7, put('c', 3, {existed: true}))],
  ],
};

const wrong: Record<string, Operation[][]> = {
  'a get of what was replaced before': [
    [at(1, 2, put('a', 1)), at(3, 4, put('b', 2, {existed: true}))],
    [at(5, 6, get('a', 1))],
  ],
  'a get of what is put later': [[at(5, 6, put('a', 1))], [at(1, 2, get('a', 1))]],
  'a value with the revision of another': [
    [at(1, 2, put('a', 1)), at(3, 4, put('b', 2, {existed: true}))],
    [at(5, 6, get('b', 1))],
  ],
  'two gets during a put, the later of what was before': [
    [at(1, 9, put('a', 1))],
    [at(2, 3, get('a', 1)), at(4, 5, get(undefined, 0))],
  ],
  'an increment that is lost': [[at(1, 9, increment('1', 1))], [at(1, 9, increment('1', 2))]],
  'both of two if_absent': [[at(1, 9, put('a', 1, {ifAbsent: true}))], [at(1, 9, put('b', 2, {ifAbsent: true}))]],
  'neither of two if_absent': [[at(1, 9, lost(1, {ifAbsent: true}))], [at(1, 9, lost(1, {ifAbsent: true}))]],
  'an if_revision of one that no longer stands': [
    [
      at(1, 2, put('a', 1)),
      at(3, 4, put('b', 2, {existed: true})),
      at(5, 6, put('c', 3, {existed: true, ifRevision: 1})),
    ],
  ],
  'an entry that is deleted twice': [[at(1, 2, put('a', 1))], [at(3, 9, remove(2))], [at(3, 9, remove(3))]],
  'a revision that goes back': [[at(1, 2, put('a', 5)), at(3, 4, put('b', 4, {existed: true}))]],
  'a revision of two changes': [[at(1, 9, put('a', 1))], [at(1, 9, put('a', 1), 'other')]],
  'revisions of two keys against the order of calls': [[at(1, 2, put('a', 2)), at(3, 4, put('a', 1), 'other')]],
};

for (const [what, history] of Object.entries(fine)) {
  test(`the checker lets pass ${what}`, t => {
    t.deepEqual(checkHistory(history), []);
  });
}

for (const [what, history] of Object.entries(wrong)) {
  test(`the checker finds ${what}`, t => {
    t.not(checkHistory(history).length, 0);
  });
}

test('a fault is told with what came before and what cannot come next', t => {
  const [fault] = checkHistory(wrong['a get of what was replaced before']!);
  t.regex(fault!, /"k" cannot be explained behind 2 operations, when it is {"value":"b","revision":2,"last":2}/);
  t.regex(fault!, /thread 1: "k" {"do":"get","value":"a","revision":1} from 5 to 6/);
});
