/**
 * The answers of Get and BatchGet, field by field: they are most of what a cache says. The
 * generated encoder wants an object for each message, and writes a message before it
 * knows its length, so it moves the bytes of each for every message around it. Here the
 * lengths come first. A test compares the bytes with those of the generated one.
 */
import {CacheError} from '../base/index.js';
import type {BatchResult, Entry, GetAnswer} from '../cache/index.js';
import {Status} from '../gen/google/rpc/status.js';
import * as messages from '../gen/krusty/cache/v1/cache_service.js';
import {Entry as EntryMessage, EntryView} from '../gen/krusty/cache/v1/entry.js';
import {secondsAndNanos} from './convert.js';
import {entryMessage} from './entries.js';
import {type MessageBuffer, varintBytes} from './message-buffer.js';
import type {Writing} from './method.js';
import {statusOf} from './status.js';

const outcomes: Record<GetAnswer['outcome'], messages.GetResponse_Outcome> = {
  hit: messages.GetResponse_Outcome.OUTCOME_HIT,
  miss: messages.GetResponse_Outcome.OUTCOME_MISS,
  notModified: messages.GetResponse_Outcome.OUTCOME_NOT_MODIFIED,
  overBudget: messages.GetResponse_Outcome.OUTCOME_OVER_BUDGET,
};

/** A field's number and the type of what follows; all numbers here are below 16, so a tag is one byte. */
const varint = (number: number) => number << 3;
const delimited = (number: number) => (number << 3) | 2;

const tags = {
  outcome: varint(1),
  responseEntry: delimited(2),
  value: delimited(3),
  revision: varint(4),
  contentType: delimited(5),
  expireTime: delimited(6),
  valueOmitted: varint(9),
  seconds: varint(1),
  nanos: varint(2),
  results: delimited(1),
  response: delimited(1),
  status: delimited(2),
  failedCount: varint(2),
} as const;

export interface ViewedAnswer {
  answer: GetAnswer;
  view: EntryView;
}

export const getResponseWriting: Writing<ViewedAnswer> = {
  write({answer, view}, to) {
    const prepared = prepare(answer, view);
    to.makeRoom(prepared.bytes);
    writeAnswer(prepared, to);
  },
};

export interface ViewedResults {
  results: Iterable<BatchResult<GetAnswer>>;
  /** That which the request with this index asked for. */
  viewOf(index: number): EntryView;
}

/** Results are made one after the other and written as they come, since each value is good only until the next. */
export const batchGetResponseWriting: Writing<ViewedResults> = {
  write({results, viewOf}, to) {
    let failedCount = 0;
    let index = 0;
    for (const result of results) {
      const view = viewOf(index++);
      if (result instanceof CacheError) {
        failedCount++;
        writeFailure(result, to);
      } else {
        writeResult(prepare(result, view), to);
      }
    }
    if (failedCount === 0) return;
    to.makeRoom(1 + varintBytes(failedCount));
    to.byte(tags.failedCount);
    to.varint(failedCount);
  },
};

/** An answer with the lengths of its parts. Used again for each: it is written before the next is looked at. */
const prepared = {
  outcome: 0,
  entry: undefined as Entry | undefined,
  entryBytes: 0,
  /** The whole entry, where the caller wants more of it than is written here. */
  fullEntry: undefined as Uint8Array | undefined,
  seconds: 0,
  nanos: 0,
  timeBytes: 0,
  bytes: 0,
};
type Prepared = typeof prepared;

function prepare({outcome, entry}: GetAnswer, view: EntryView): Prepared {
  prepared.outcome = outcomes[outcome];
  prepared.entry = entry;
  prepared.fullEntry = undefined;
  prepared.bytes = 2;
  if (entry) {
    if (view === EntryView.ENTRY_VIEW_FULL)
      prepared.fullEntry = EntryMessage.encode(entryMessage(entry, view)).finish();
    prepared.entryBytes = prepared.fullEntry?.length ?? measureEntry(entry);
    prepared.bytes += delimitedBytes(prepared.entryBytes);
  }
  return prepared;
}

function measureEntry({value, valueOmitted, revision, contentType, expireTimeMs}: Entry): number {
  let bytes = 1 + varintBytes(revision);
  if (valueOmitted) bytes += 2;
  else if (value.length > 0) bytes += delimitedBytes(value.length);
  // A content type is ASCII.
  if (contentType !== '') bytes += delimitedBytes(contentType.length);
  prepared.timeBytes = 0;
  if (expireTimeMs !== undefined) {
    measureTime(expireTimeMs);
    bytes += delimitedBytes(prepared.timeBytes);
  }
  return bytes;
}

function measureTime(timeMs: number): void {
  const {seconds, nanos} = secondsAndNanos(timeMs);
  prepared.seconds = seconds;
  prepared.nanos = nanos;
  prepared.timeBytes = numberBytes(seconds) + numberBytes(nanos);
}

/** With its tag; zero is not written. */
function numberBytes(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value);
}

/** With its tag, which is one byte, and its length. */
function delimitedBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function writeResult(answer: Prepared, to: MessageBuffer): void {
  const bytes = delimitedBytes(answer.bytes);
  to.makeRoom(delimitedBytes(bytes));
  startDelimited(tags.results, bytes, to);
  startDelimited(tags.response, answer.bytes, to);
  writeAnswer(answer, to);
}

function writeFailure(failure: CacheError, to: MessageBuffer): void {
  const status = Status.encode(statusOf(failure)).finish();
  const bytes = delimitedBytes(status.length);
  to.makeRoom(delimitedBytes(bytes));
  startDelimited(tags.results, bytes, to);
  startDelimited(tags.status, status.length, to);
  to.raw(status);
}

function writeAnswer({outcome, entry, entryBytes, fullEntry}: Prepared, to: MessageBuffer): void {
  to.byte(tags.outcome);
  to.byte(outcome);
  if (!entry) return;
  startDelimited(tags.responseEntry, entryBytes, to);
  if (fullEntry) to.raw(fullEntry);
  else writeEntry(entry, to);
}

function writeEntry({value, valueOmitted, revision, contentType, expireTimeMs}: Entry, to: MessageBuffer): void {
  if (value.length > 0 && !valueOmitted) {
    startDelimited(tags.value, value.length, to);
    to.raw(value);
  }
  to.byte(tags.revision);
  to.varint(revision);
  if (contentType !== '') {
    startDelimited(tags.contentType, contentType.length, to);
    to.ascii(contentType);
  }
  if (expireTimeMs !== undefined) {
    const {timeBytes, seconds, nanos} = prepared;
    startDelimited(tags.expireTime, timeBytes, to);
    writeNumber(tags.seconds, seconds, to);
    writeNumber(tags.nanos, nanos, to);
  }
  if (valueOmitted) {
    to.byte(tags.valueOmitted);
    to.byte(1);
  }
}

function startDelimited(tag: number, length: number, to: MessageBuffer): void {
  to.byte(tag);
  to.varint(length);
}

/** As numberBytes has it. */
function writeNumber(tag: number, value: number, to: MessageBuffer): void {
  if (value === 0) return;
  to.byte(tag);
  to.varint(value);
}
