/** The results of a BatchGet for good: the cache's own are good only until the next is asked for. */
import {CacheError} from '../../src/base/index.js';
import type {Batch, BatchResult, Cache, GetAnswer, GetRequest} from '../../src/cache/index.js';

export function getAll(cache: Cache, requests: Batch<GetRequest>, maxResponseBytes = 0): BatchResult<GetAnswer>[] {
  return Array.from(cache.batchGet(requests, maxResponseBytes), keep);
}

function keep(result: BatchResult<GetAnswer>): BatchResult<GetAnswer> {
  if (result instanceof CacheError || !result.entry) return result;
  return {...result, entry: {...result.entry, value: result.entry.value.slice()}};
}
