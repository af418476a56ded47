/** Answers of Get and BatchGet are written by hand, and must be what the generated encoder writes. */
import test from 'ava';
import fc from 'fast-check';
import {CacheError} from '../../src/base/index.js';
import type {BatchResult, Entry, GetAnswer} from '../../src/cache/index.js';
import {BatchGetResponse, GetResponse, GetResponse_Outcome} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {EntryView} from '../../src/gen/krusty/cache/v1/entry.js';
import {encodeMessage} from '../../src/rpc/encode.js';
import {entryMessage} from '../../src/rpc/entries.js';
import {batchGetResponseWriting, getResponseWriting} from '../../src/rpc/get-response.js';
import {statusOf} from '../../src/rpc/status.js';
import {runsOf} from '../helpers/property.js';

const outcomes: Record<GetAnswer['outcome'], GetResponse_Outcome> = {
  hit: GetResponse_Outcome.OUTCOME_HIT,
  miss: GetResponse_Outcome.OUTCOME_MISS,
  notModified: GetResponse_Outcome.OUTCOME_NOT_MODIFIED,
  overBudget: GetResponse_Outcome.OUTCOME_OVER_BUDGET,
};

const revisionMost = 2 ** 53 - 1;
const edges = [1, 127, 128, 16_383, 16_384, 2 ** 28 - 1, 2 ** 28, 2 ** 35, 2 ** 49, 2 ** 51, revisionMost];
const revision = fc.oneof(fc.constantFrom(...edges), fc.integer({min: 1, max: revisionMost}));
const valueBytes = fc.oneof(fc.constantFrom(0, 1, 100, 113, 127, 128, 16_383, 16_384), fc.nat(300));

const entry: fc.Arbitrary<Entry> = fc.record({
  key: fc.string(),
  namespace: fc.constantFrom('default', 'other'),
  value: valueBytes.map(length => new Uint8Array(length).fill(length)),
  valueOmitted: fc.boolean(),
  revision,
  contentType: fc.constantFrom('', 'text/plain', 'x'.repeat(255)),
  expireTimeMs: fc.option(
    fc.oneof(fc.constantFrom(1, 1000, 1000.001, 2 ** 42), fc.double({min: 0, max: 4e12, noNaN: true})),
    {
      nil: undefined,
    },
  ),
  sizeBytes: fc.nat(),
});
const view = fc.constantFrom(EntryView.ENTRY_VIEW_UNSPECIFIED, EntryView.ENTRY_VIEW_BASIC, EntryView.ENTRY_VIEW_FULL);
const answer: fc.Arbitrary<GetAnswer> = fc.oneof(
  fc.record({outcome: fc.constantFrom('hit' as const, 'notModified' as const), entry}),
  fc.record({outcome: fc.constantFrom('miss' as const, 'overBudget' as const)}),
);

const messageOf = ({outcome, entry: found}: GetAnswer, asked: EntryView): GetResponse => ({
  outcome: outcomes[outcome],
  entry: found && entryMessage(found, asked),
});

test('an answer of Get', t => {
  t.notThrows(() =>
    fc.assert(
      fc.property(answer, view, (given, asked) => {
        const bytes = encodeMessage(getResponseWriting, {answer: given, view: asked});
        return Buffer.from(GetResponse.encode(messageOf(given, asked)).finish()).equals(bytes);
      }),
      runsOf(500),
    ),
  );
});

test('an answer of BatchGet, with failures in it', t => {
  const failure = fc
    .constantFrom('KEY_EMPTY' as const, 'INVALID_OPTION' as const)
    .map(reason => new CacheError(reason, 'no'));
  const result = fc.tuple(
    fc.oneof({weight: 4, arbitrary: answer}, failure) as fc.Arbitrary<BatchResult<GetAnswer>>,
    view,
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(result, {maxLength: 20}), given => {
        const results = given.map(([each]) => each);
        const viewOf = (index: number) => given[index]![1];
        const expected = {
          results: given.map(([each, asked]) =>
            each instanceof CacheError
              ? {response: undefined, status: statusOf(each)}
              : {response: messageOf(each, asked), status: undefined},
          ),
          failedCount: results.filter(each => each instanceof CacheError).length,
        };
        const bytes = encodeMessage(batchGetResponseWriting, {results, viewOf});
        return Buffer.from(BatchGetResponse.encode(expected).finish()).equals(bytes);
      }),
      runsOf(500),
    ),
  );
});
