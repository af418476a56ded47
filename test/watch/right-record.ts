/** A small record without fault, written by hand: what a watcher of a few keys sees of a few changes. */
import type {WatchEvent, WatchNews, WatchRequest} from '../../src/cache/index.js';
import {bytes} from '../helpers/text.js';
import {eventOf, listedEventOf} from './events.js';
import {type Deed, History} from './history.js';
import type {Life, Moment, Receipt, RunRecord, Session} from './transcript.js';

export const request: WatchRequest = {
  targets: [{prefix: 'a'}, {key: 'b'}],
  namespace: '',
  resumeToken: '',
  initialState: true,
  eventTypes: [],
  keysOnly: false,
  includePrevious: true,
  bookmarkIntervalMs: 1000,
  onGap: 'resync',
  maxResponseBytes: 0,
};

const deeds: Omit<Deed, 'namespace'>[] = [
  {type: 'put', revision: 10, key: 'a1', value: bytes('first')},
  {type: 'put', revision: 20, key: 'a2', value: bytes('second'), expireTimeMs: 5000},
  {type: 'put', revision: 30, key: 'b', value: bytes('third')},
  {type: 'put', revision: 40, key: 'other', value: bytes('not watched')},
  // The watch begins here.
  {type: 'put', revision: 50, key: 'a1', value: bytes('newer')},
  {type: 'touch', revision: 60, key: 'a2', expireTimeMs: 6000},
  {type: 'put', revision: 70, key: 'a3', value: bytes('fourth')},
  // The snapshot ends here.
  {type: 'delete', revision: 80, key: 'b'},
  {type: 'evict', revision: 90, key: 'a3', evictionLimit: 'entries'},
  {type: 'delete', revision: 100, key: 'other'},
  {type: 'put', revision: 110, key: 'b', value: bytes('fifth')},
  // The ring is trimmed up to here.
  {type: 'expire', revision: 120, key: 'a2'},
  {type: 'purge', revision: 130, key: 'a'},
  {type: 'put', revision: 140, key: 'a4', value: bytes('sixth')},
];

/** A watcher that gets a snapshot, falls behind and gets another; and the same one, come back. */
export function rightRecord(): {record: RunRecord; receipts: Receipt[]; resumed: Receipt[]} {
  const history = new History();
  for (const deed of deeds) history.add({...deed, namespace: 'default'});
  const life: Life = {history, historyBytes: 4096, historyKeepsPrevious: true};
  const change = (revision: number) =>
    eventOf(history.changes.find(each => each.revision === revision)!, request, life);
  const listed = (key: string, at: number) => listedEventOf(key, history.stateAt('default', at).get(key)!, request);
  const events = (...all: ReturnType<typeof change>[]): WatchNews => ({kind: 'events', events: all});

  const receipts = [
    receipt(40, 40, {kind: 'created', revision: 40}),
    receipt(40, 45, events(listed('b', 45))),
    receipt(50, 55, events(change(50))),
    receipt(50, 65, events(listed('a2', 65))),
    receipt(70, 75, events(change(60), change(70))),
    receipt(70, 75, {kind: 'snapshotEnd', revision: 70}),
    receipt(90, 105, events(change(80), change(90))),
    receipt(100, 105, {kind: 'bookmark', revision: 100}),
    receipt(120, 125, {kind: 'gap', reason: 'slowReader'}, 110),
    receipt(120, 125, events(listed('a1', 125), listed('b', 125)), 110),
    receipt(130, 135, events(change(130)), 110),
    receipt(130, 135, {kind: 'snapshotEnd', revision: 130}, 110),
  ];
  const resumed = [
    receipt(70, 145, {kind: 'created', revision: 70}),
    receipt(80, 145, events(change(80))),
    receipt(140, 145, events(change(90), change(110), change(120), change(130), change(140))),
  ];
  const first: Session = {life: 0, request, begun: momentAt(40), receipts};
  const second: Session = {
    life: 0,
    request: {...request, resumeToken: receipts[5]!.message.resumeToken},
    from: {session: 0, receipt: 5},
    begun: momentAt(145),
    receipts: resumed,
    ranDry: momentAt(145),
  };
  return {record: {lives: [life], transcripts: [{watcher: 'w', sessions: [first, second]}]}, receipts, resumed};
}

export function receipt(tokenRevision: number, now: number, news: WatchNews, trimmedRevision = 0): Receipt {
  return {message: {resumeToken: tokenAt(tokenRevision), news}, moment: {...momentAt(now), trimmedRevision}};
}

export function tokenAt(revision: number): string {
  return `epoch.${revision.toString(36)}`;
}

export function momentAt(now: number): Moment {
  const revision = Math.max(...deeds.map(deed => deed.revision).filter(each => each <= now));
  return {revision, trimmedRevision: 0, wallMs: now, turnWallMs: now};
}

/** The events of a message, which a test may change in place. */
export function eventsOf({message: {news}}: Receipt): WatchEvent[] {
  if (news.kind !== 'events') throw new Error('the message has events');
  return news.events as WatchEvent[];
}

/** An entry as a snapshot at this revision lists it. */
export function listedAt(key: string, revision: number): WatchEvent {
  const {history} = rightRecord().record.lives[0]!;
  return listedEventOf(key, history.stateAt('default', revision).get(key)!, request);
}
