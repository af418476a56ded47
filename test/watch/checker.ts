/**
 * Judges a run: from what was done to the cache and what each watcher received, it
 * says in words which guarantee of Watch was broken; nothing if none was.
 *
 * A resumed connection is judged as the continuation of the messages up to the one
 * whose token was given back: the two together have to be a stream without fault.
 */
import type {Place} from './place.js';
import {copyOf} from './place.js';
import {SessionCheck} from './session-check.js';
import type {Life, RunRecord, Transcript} from './transcript.js';

export function checkRun({lives, transcripts}: RunRecord): string[] {
  return transcripts.flatMap(transcript => checkWatcher(lives, transcript));
}

function checkWatcher(lives: readonly Life[], {watcher, sessions}: Transcript): string[] {
  const resumed = new Set(sessions.flatMap(({from}) => (from ? [nameOf(from)] : [])));
  const places = new Map<string, Place>();
  return sessions.flatMap((session, number) => {
    const from = session.from && places.get(nameOf(session.from));
    if (session.from && !from) return [`${watcher}, connection ${number}: its token is from nowhere`];
    const check = new SessionCheck(lives, session, from && copyOf(from));
    for (const [at, receipt] of session.receipts.entries()) {
      check.receive(receipt);
      const name = nameOf({session: number, receipt: at});
      if (resumed.has(name)) places.set(name, copyOf(check.place));
    }
    check.end();
    return check.faults.map(fault => `${watcher}, connection ${number}, ${fault}`);
  });
}

function nameOf({session, receipt}: {session: number; receipt: number}): string {
  return `${session}/${receipt}`;
}
