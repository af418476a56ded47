/**
 * Breaks a record of a real run in one place, drawn at random, in each of the ways in
 * which a watch could break its promises. What is broken is always something that
 * the client could notice: there are drops that nobody can, such as of the last
 * message before a connection was cut.
 */
import type {Entry, WatchEvent, WatchNews} from '../../src/cache/index.js';
import type {Random} from '../helpers/random.js';
import {eventOf} from './events.js';
import {readToken} from './token.js';
import type {Life, Receipt, Session, Transcript} from './transcript.js';
import {namespaceOf, wants, wantsType} from './wanted.js';

/** A message of the record. */
interface Site {
  life: Life;
  session: Session;
  /** Its index in the session. */
  at: number;
  receipt: Receipt;
  events: WatchEvent[];
  random: Random;
}

/** Breaks something at a message; false where there is nothing that it could break. */
type Mutation = (site: Site) => boolean;

/** A transcript with one fault of a kind; undefined where it has no place for one. */
export function mutate(
  kind: string,
  transcript: Transcript,
  {lives, random}: {lives: readonly Life[]; random: Random},
): Transcript | undefined {
  const broken = copyOf(transcript);
  const sites = broken.sessions.flatMap(session =>
    session.receipts.map((receipt, at) => {
      const {news} = receipt.message;
      const events = news.kind === 'events' ? (news.events as WatchEvent[]) : [];
      return {life: lives[session.life]!, session, at, receipt, events, random};
    }),
  );
  const start = random.below(sites.length || 1);
  const inOrder = [...sites.slice(start), ...sites.slice(0, start)];
  return inOrder.some(mutations[kind]!) ? broken : undefined;
}

export const mutations: Record<string, Mutation> = {
  'drops an event': ({events, random}) => {
    // A touch may be left out before its entry is listed; the only event would leave an empty message.
    const index = pickIndex(events, random, ({listed, type}) => !listed && type !== 'touch');
    if (index === undefined || events.length < 2) return false;
    events.splice(index, 1);
    return true;
  },
  'sends an event twice': ({events, random}) => {
    const index = pickIndex(events, random, ({listed}) => !listed);
    if (index === undefined) return false;
    events.splice(index, 0, events[index]!);
    return true;
  },
  'swaps two events': ({events, random}) => {
    const index = pickIndex(events, random, ({listed}, at) => !listed && at > 0 && !events[at - 1]!.listed);
    if (index === undefined) return false;
    events.splice(index - 1, 2, events[index]!, events[index - 1]!);
    return true;
  },
  'splits a revision': ({session, at, events}) => {
    const next = session.receipts[at + 1]?.message.news;
    const last = events.at(-1);
    if (!last || last.listed || next?.kind !== 'events' || next.events[0]!.listed) return false;
    (next.events as WatchEvent[]).unshift(last);
    return true;
  },
  'sends a bookmark before its event': ({session, at, receipt, events}) => {
    const last = events.at(-1);
    if (!last || last.listed || session.request.bookmarkIntervalMs === undefined) return false;
    // One that stands before the message now says what the message brings.
    const before = session.receipts[at - 1];
    if (before?.message.news.kind !== 'bookmark') return false;
    before.message.news.revision = last.revision;
    before.message.resumeToken = receipt.message.resumeToken;
    return true;
  },
  'bookmarks what is still to come': ({receipt}) => {
    const {news} = receipt.message;
    if (news.kind !== 'bookmark') return false;
    news.revision = receipt.moment.revision + 1;
    return true;
  },
  'leaves a key out of a snapshot': ({session, at, life, events, random}) => {
    const isEnd = ({message: {news}}: Receipt) => news.kind === 'snapshotEnd' || news.kind === 'gap';
    const end = session.receipts.slice(at).find(isEnd);
    if (end?.message.news.kind !== 'snapshotEnd' || events.length < 2 || !wantsType(session.request, 'put'))
      return false;
    const state = life.history.stateAt(namespaceOf(session.request), end.message.news.revision);
    const index = pickIndex(events, random, ({listed, key, revision}) => {
      const stands = state.get(key);
      const isLive = (stands?.expireTimeMs ?? Number.POSITIVE_INFINITY) > end.moment.wallMs;
      return listed && stands?.revision === revision && isLive;
    });
    if (index === undefined) return false;
    events.splice(index, 1);
    return true;
  },
  'lists an entry twice': ({events, random}) => {
    const index = pickIndex(events, random, ({listed}) => listed);
    if (index === undefined) return false;
    events.splice(index, 0, events[index]!);
    return true;
  },
  'lists an entry after a later change': ({session, at, events, random}) => {
    const index = pickIndex(events, random, ({listed}) => listed);
    if (index === undefined || events.length < 2) return false;
    const {key} = events[index]!;
    for (const {message} of session.receipts.slice(at + 1)) {
      if (message.news.kind !== 'events') return false;
      const changes = message.news.events as WatchEvent[];
      if (!changes.some(event => event.key === key && !event.listed && event.type !== 'purge')) continue;
      changes.push(...events.splice(index, 1));
      return true;
    }
    return false;
  },
  'ends a snapshot too early': ({session, at, receipt}) => {
    const before = session.receipts[at - 1];
    if (receipt.message.news.kind !== 'snapshotEnd' || before?.message.news.kind !== 'events') return false;
    session.receipts[at - 1] = {...before, message: receipt.message};
    session.receipts[at] = {...receipt, message: before.message};
    return true;
  },
  'shows a wrong value': ({events, random}) =>
    edit(events, random, event => event.entry && isShown(event.entry) && {...event, entry: damaged(event.entry)}),
  'shows a wrong previous value': ({events, random}) =>
    edit(
      events,
      random,
      event => event.previous && isShown(event.previous) && {...event, previous: damaged(event.previous)},
    ),
  'shows a previous entry of another revision': ({events, random}) =>
    edit(
      events,
      random,
      event => event.previous && {...event, previous: {...event.previous, revision: event.previous.revision - 1}},
    ),
  'shows a wrong deadline': ({events, random}) =>
    edit(
      events,
      random,
      event => event.entry && {...event, entry: {...event.entry, expireTimeMs: (event.entry.expireTimeMs ?? 0) + 1}},
    ),
  'shows a value to who wants keys only': ({session, events, random}) =>
    session.request.keysOnly &&
    edit(
      events,
      random,
      event => event.entry && {...event, entry: {...event.entry, value: new Uint8Array(1), valueOmitted: false}},
    ),
  'tells a wrong cause': ({events, random}) =>
    edit(events, random, event => !event.listed && {...event, type: event.type === 'delete' ? 'expire' : 'delete'}),
  'sends what was not asked for': ({session, life, events, random}) => {
    const others = life.history.changes.filter(change => !wants(session.request, change));
    const index = pickIndex(events, random, ({listed}) => !listed);
    if (index === undefined || others.length === 0) return false;
    events.splice(index, 0, eventOf(random.pick(others), session.request, life));
    return true;
  },
  'gives a token that goes back': ({session, at, receipt}) => {
    const tokenOf = ({message}: Receipt) => readToken(message.resumeToken)!;
    const previous = session.receipts[at - 1];
    if (!previous || tokenOf(previous).epoch !== tokenOf(receipt).epoch) return false;
    const older = session.receipts
      .slice(0, at)
      .find(
        each => tokenOf(each).epoch === tokenOf(receipt).epoch && tokenOf(each).revision < tokenOf(previous).revision,
      );
    if (!older) return false;
    receipt.message.resumeToken = older.message.resumeToken;
    return true;
  },
  'keeps a gap to itself': ({session, at, receipt}) => {
    const isFollowed = session.receipts.slice(at + 1).some(({message}) => message.news.kind === 'snapshotEnd');
    const isResumedFrom = session.receipts.length - 1 === at;
    if (receipt.message.news.kind !== 'gap' || !isFollowed || isResumedFrom) return false;
    receipt.message.news = {kind: 'events', events: []};
    return true;
  },
  'forgets the last events': ({session, at, receipt, events}) => {
    const isLast = session.ranDry && at === session.receipts.length - 1;
    if (!isLast || events.length === 0 || events.at(-1)!.listed) return false;
    events.pop();
    receipt.message.resumeToken = session.receipts[at - 1]!.message.resumeToken;
    return true;
  },
};

/** A transcript that can be changed; the events themselves are shared. */
function copyOf({watcher, sessions}: Transcript): Transcript {
  const copyNews = (news: WatchNews): WatchNews =>
    news.kind === 'events' ? {...news, events: [...news.events]} : {...news};
  return {
    watcher,
    sessions: sessions.map(session => ({
      ...session,
      receipts: session.receipts.map(({message, moment}) => ({
        message: {...message, news: copyNews(message.news)},
        moment,
      })),
    })),
  };
}

/** Puts another event in the place of one that `change` can make something of. */
function edit(
  events: WatchEvent[],
  random: Random,
  change: (event: WatchEvent) => WatchEvent | undefined | false,
): boolean {
  const index = pickIndex(events, random, event => Boolean(change(event)));
  if (index === undefined) return false;
  events[index] = change(events[index]!) as WatchEvent;
  return true;
}

function pickIndex(
  events: readonly WatchEvent[],
  random: Random,
  fits: (event: WatchEvent, at: number) => boolean,
): number | undefined {
  const fitting = events.flatMap((event, at) => (fits(event, at) ? [at] : []));
  return fitting.length > 0 ? random.pick(fitting) : undefined;
}

function isShown({value}: Entry): boolean {
  return value.length > 0;
}

function damaged(entry: Entry): Entry {
  const value = entry.value.slice();
  value[0]! ^= 1;
  return {...entry, value};
}
