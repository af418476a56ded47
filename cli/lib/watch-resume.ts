/**
 * A watch that goes on when its stream breaks.
 *
 * Every message carries a token; after a pause, the next stream goes on behind the last
 * message that was dealt with. Nothing is lost: where the server no longer knows all
 * that came since, it says so in a gap and lists what there is. A watch that never
 * began is not tried again, since then most likely the address is wrong; nor is what
 * another attempt cannot mend.
 */
import type {WatchRequest, WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {CliError} from './errors.js';
import {reconnectDelayMs, type Timing} from './timing.js';

export interface ResumingOptions {
  watch(request: Partial<WatchRequest>): AsyncIterable<WatchResponse>;
  timing: Timing;
  /** The stream broke off, in these words. Said once, however many attempts follow. */
  onLost(words: string): void;
  onBack(afterMs: number): void;
}

/** What another attempt may mend. */
const passing = new Set<string | undefined>([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'ABORTED',
  'CANCELLED',
  'INTERNAL',
  'UNKNOWN',
]);

/** The messages of a watch, over any number of streams. */
export async function* resumingWatch(
  request: Partial<WatchRequest>,
  {watch, timing, onLost, onBack}: ResumingOptions,
): AsyncGenerator<WatchResponse> {
  let {resumeToken} = request;
  let hasBegun = false;
  let lostMs: number | undefined;
  let failedAttempts = 0;
  for (;;) {
    let failure: unknown = new CliError('the server ended the watch', {status: 'UNAVAILABLE'});
    let isDraining = false;
    try {
      for await (const response of watch({...request, resumeToken})) {
        if (response.message?.$case !== 'created') failedAttempts = 0;
        if (lostMs !== undefined) onBack(timing.nowMs() - lostMs);
        hasBegun = true;
        lostMs = undefined;
        isDraining = response.message?.$case === 'draining';
        yield response;
        ({resumeToken} = response);
      }
    } catch (error) {
      failure = error;
    }
    if (!(hasBegun && failure instanceof CliError && passing.has(failure.status))) throw failure;
    if (lostMs === undefined) {
      lostMs = timing.nowMs();
      onLost(isDraining ? 'the server is shutting down' : lossWords(failure));
    }
    await timing.sleep(reconnectDelayMs(failedAttempts++, timing.random()));
  }
}

function lossWords(failure: CliError): string {
  const isConnection = failure.status === 'UNAVAILABLE' && failure.reason === undefined;
  return isConnection ? 'the connection is lost' : `the watch broke off: ${failure.message}`;
}
