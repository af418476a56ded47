/** The checker finds each fault that is planted in a record without one. */
import test from 'ava';
import type {WatchEvent} from '../../src/cache/index.js';
import {bytes} from '../helpers/text.js';
import {checkRun} from './checker.js';
import {eventOf} from './events.js';
import {eventsOf, listedAt, momentAt, receipt, request, rightRecord, tokenAt} from './right-record.js';
import type {Receipt, RunRecord} from './transcript.js';

test('the checker finds no fault in a record that has none', t => {
  t.deepEqual(checkRun(rightRecord().record), []);
});

type Break = (receipts: Receipt[], resumed: Receipt[], record: RunRecord) => void;

const planted: Record<string, {plant: Break; says: RegExp}> = {
  'a dropped event': {
    plant: receipts => eventsOf(receipts[6]!).shift(),
    says: /left out: DELETE "b" at 80/,
  },
  'a dropped event that nothing follows': {
    plant: (_, resumed) => {
      eventsOf(resumed[2]!).pop();
      resumed[2]!.message.resumeToken = tokenAt(130);
    },
    says: /the end of the run: left out: PUT "a4" at 140/,
  },
  'a duplicated event': {
    plant: receipts => eventsOf(receipts[6]!).push(eventsOf(receipts[6]!)[0]!),
    says: /DELETE "b" at 80: it comes twice/,
  },
  'a reordered event': {
    plant: receipts => eventsOf(receipts[6]!).reverse(),
    says: /DELETE "b" at 80: it comes twice, or too late/,
  },
  'a revision that is split over two messages': {
    plant: (_, resumed) => eventsOf(resumed[2]!).unshift(eventsOf(resumed[1]!)[0]!),
    says: /its revision is split over messages/,
  },
  'a bookmark before its event': {
    plant: receipts => receipts.splice(6, 2, receipts[7]!, receipts[6]!),
    says: /left out: DELETE "b" at 80, though all is said to be there up to 100/,
  },
  'a bookmark of what is still to come': {
    plant: receipts => {
      receipts[7]!.message.news = {kind: 'bookmark', revision: 110};
    },
    says: /110, which is still to come/,
  },
  'a resync that leaves out a key': {
    plant: receipts => eventsOf(receipts[9]!).pop(),
    says: /"b" was there all the time, but was not listed/,
  },
  'a snapshot that leaves out a key': {
    plant: receipts => {
      receipts.splice(1, 1, receipt(40, 45, {kind: 'bookmark', revision: 40}));
    },
    says: /"b" was there all the time, but was not listed/,
  },
  'an entry that is listed twice': {
    plant: receipts => eventsOf(receipts[9]!).push(eventsOf(receipts[9]!)[0]!),
    says: /its key was listed already/,
  },
  'an entry that is listed after a later change of it': {
    plant: receipts => eventsOf(receipts[4]!).push(listedAt('a2', 45)),
    says: /the expire time is 5000 instead of 6000/,
  },
  'an entry that is listed after its removal': {
    plant: receipts => {
      receipts.splice(11, 0, receipt(130, 135, {kind: 'events', events: [listedAt('a1', 125)]}, 110));
      eventsOf(receipts[9]!).shift();
    },
    says: /it was no longer there: it was gone at 130/,
  },
  'an entry that is listed and comes as a change too': {
    plant: receipts => {
      eventsOf(receipts[3]!).push(listedAt('a1', 65));
    },
    says: /its put comes among the changes/,
  },
  'a snapshot that ends before the changes have come': {
    plant: receipts => receipts.splice(4, 2, receipts[5]!, receipts[4]!),
    says: /left out: TOUCH "a2" at 60, though all is said to be there up to 70/,
  },
  'a snapshot that ends before all is listed': {
    plant: receipts => receipts.splice(3, 3, receipts[5]!, receipts[3]!, receipts[4]!),
    says: /"a2" was there all the time, but was not listed/,
  },
  'a snapshot without end': {
    plant: (_receipts, _resumed, record) => {
      const [session] = record.transcripts[0]!.sessions;
      session!.receipts.length = 5;
      session!.ranDry = momentAt(75);
      record.transcripts[0]!.sessions.length = 1;
    },
    says: /the snapshot has not come to its end/,
  },
  'a wrong value': {
    plant: receipts => change(receipts[4]!, 1, event => ({...event, entry: {...event.entry!, value: bytes('forth')}})),
    says: /its entry: the value is wrong/,
  },
  'a wrong value of a listed entry': {
    plant: receipts => change(receipts[1]!, 0, event => ({...event, entry: {...event.entry!, value: bytes('3rd')}})),
    says: /listed PUT "b" at 30: the value is wrong/,
  },
  'a value that is left out though it would fit': {
    plant: receipts =>
      change(receipts[4]!, 1, event => ({
        ...event,
        entry: {...event.entry!, value: new Uint8Array(0), valueOmitted: true},
      })),
    says: /flag value_omitted is true instead of false/,
  },
  'a wrong deadline': {
    plant: receipts => change(receipts[4]!, 0, event => ({...event, entry: {...event.entry!, expireTimeMs: 6001}})),
    says: /the expire time is 6001 instead of 6000/,
  },
  'a wrong previous value': {
    plant: receipts =>
      change(receipts[6]!, 1, event => ({...event, previous: {...event.previous!, value: bytes('fifth!')}})),
    says: /EVICT "a3" at 90: its previous entry: the value is wrong/,
  },
  'a previous entry that is missing': {
    plant: receipts => change(receipts[6]!, 1, event => ({...event, previous: undefined})),
    says: /its previous entry is missing/,
  },
  'a wrong cause': {
    plant: receipts => change(receipts[6]!, 1, event => ({...event, type: 'expire', evictionLimit: undefined})),
    says: /its type is expire instead of evict/,
  },
  'an event that was not asked for': {
    plant: (_, resumed, record) => {
      const [life] = record.lives;
      const other = life!.history.changes.find(({revision}) => revision === 100)!;
      eventsOf(resumed[2]!).splice(1, 0, eventOf(other, request, life!));
    },
    says: /DELETE "other" at 100: it was not asked for/,
  },
  'a change that was never made': {
    plant: receipts => change(receipts[6]!, 0, event => ({...event, revision: 81})),
    says: /at 81: no such change was made/,
  },
  'a token that goes back': {
    plant: receipts => {
      receipts[7]!.message.resumeToken = tokenAt(70);
    },
    says: /its token goes back/,
  },
  'a token that is ahead of the events': {
    plant: (_, resumed) => {
      resumed[1]!.message.resumeToken = tokenAt(90);
    },
    says: /left out: EVICT "a3" at 90, though its token goes on behind 90/,
  },
  'a resumed stream that begins too late': {
    plant: (_, resumed) => resumed.splice(1, 1),
    says: /connection 1, .* left out: DELETE "b" at 80/,
  },
  'a resumed stream that begins too early': {
    plant: (receipts, resumed) => eventsOf(resumed[1]!).unshift(eventsOf(receipts[4]!)[1]!),
    says: /connection 1, .* PUT "a3" at 70: its revision is split over messages, or comes twice/,
  },
  'a gap without need': {
    plant: receipts => {
      for (const {moment} of receipts) moment.trimmedRevision = 100;
    },
    says: /nothing that it has not had was given up/,
  },
  'a gap with another reason': {
    plant: receipts => {
      receipts[8]!.message.news = {kind: 'gap', reason: 'trimmed'};
    },
    says: /its reason is trimmed instead of slowReader/,
  },
  'changes that were missed without a gap': {
    plant: receipts => receipts.splice(8, 1),
    says: /there is no snapshot under way/,
  },
  'an end without a reason': {
    plant: (_receipts, _resumed, record) => {
      record.transcripts[0]!.sessions[0]!.ended = {reason: 'INTERNAL', moment: momentAt(135)};
    },
    says: /the end \(INTERNAL\): there is no reason for it/,
  },
};

for (const [what, {plant, says}] of Object.entries(planted)) {
  test(`the checker finds ${what}`, t => {
    const {record, receipts, resumed} = rightRecord();
    plant(receipts, resumed, record);
    const faults = checkRun(record);
    t.true(
      faults.some(fault => says.test(fault)),
      faults.join('\n') || 'it found nothing',
    );
  });
}

function change(at: Receipt, index: number, edit: (event: WatchEvent) => WatchEvent): void {
  const events = eventsOf(at);
  events[index] = edit(events[index]!);
}
