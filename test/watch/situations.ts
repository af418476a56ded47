/** What the watchers of a run have met: runs are worth little if they never come to what is hard. */
import type {RunRecord, Session} from './transcript.js';

/** Counts the situations of a record. */
export function countSituations({transcripts}: RunRecord, counts: Map<string, number>): void {
  const count = (what: string, times = 1) => counts.set(what, (counts.get(what) ?? 0) + times);
  for (const {sessions} of transcripts) {
    for (const session of sessions) {
      for (const what of situationsOf(session)) count(what);
      const resumed = session.from && sessions[session.from.session]!.receipts[session.from.receipt]!;
      if (resumed && isInSnapshot(resumed.message.resumeToken)) count('resumed within a snapshot');
    }
  }
}

/** What a large enough number of runs has to meet. */
export const situations: readonly string[] = [
  ...['put', 'touch', 'delete', 'expire', 'evict', 'purge'].map(type => `event ${type}`),
  ...['created', 'events', 'snapshotEnd', 'bookmark', 'gap', 'draining'].map(kind => `message ${kind}`),
  ...['slowReader', 'trimmed', 'restarted'].map(reason => `gap ${reason}`),
  ...['POSITION_GONE', 'DRAINING'].map(reason => `ended ${reason}`),
  ...['entries', 'memory'].map(limit => `evicted by ${limit}`),
  'a change between listed entries',
  'a value left out',
  'resumed within a snapshot',
];

function situationsOf({receipts, ended, request: {keysOnly}}: Session): string[] {
  const found = receipts.flatMap(({message: {news, resumeToken}}) => {
    const events = news.kind === 'events' ? news.events : [];
    const reason = news.kind === 'gap' ? [`gap ${news.reason}`] : [];
    const isBetween = isInSnapshot(resumeToken) && events.some(({listed}) => !listed);
    return [
      `message ${news.kind}`,
      ...reason,
      ...events.map(({type}) => `event ${type}`),
      ...events.flatMap(({evictionLimit}) => (evictionLimit ? [`evicted by ${evictionLimit}`] : [])),
      ...events.flatMap(({type, entry}) =>
        !keysOnly && type === 'put' && entry!.valueOmitted ? ['a value left out'] : [],
      ),
      ...(isBetween ? ['a change between listed entries'] : []),
    ];
  });
  return ended ? [...found, `ended ${ended.reason}`] : found;
}

/** A token within a snapshot has more parts. */
function isInSnapshot(token: string): boolean {
  return token.split('.').length > 2;
}
