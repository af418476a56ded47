/**
 * Many keys through BatchGet: any number of them, answered in their order.
 *
 * An answer has a bound in bytes, so keys that no longer fit come back OVER_BUDGET
 * and are asked for again; what has come meanwhile waits for its turn. A value too
 * large for any batch is got alone.
 */
import {limits} from '../../src/base/index.js';
import {
  GetResponse_Outcome as Outcome,
  type BatchGetResponse_Result as Result,
} from '../../src/gen/krusty/cache/v1/cache_service.js';
import type {CacheClient} from './client.js';

export interface KeyResult {
  key: string;
  result: Result;
}

export async function* getMany(
  client: CacheClient,
  keys: readonly string[],
  namespace: string,
): AsyncGenerator<KeyResult> {
  const results = new Map<number, Result>();
  let next = 0;
  while (next < keys.length) {
    const indexes: number[] = [];
    for (let index = next; index < keys.length && indexes.length < limits.batchMost; index++) {
      if (!results.has(index)) indexes.push(index);
    }
    for (const [index, result] of await ask(client, keys, indexes, namespace)) results.set(index, result);
    for (let result = results.get(next); result; result = results.get(next)) {
      results.delete(next);
      yield {key: keys[next]!, result};
      next++;
    }
  }
}

/** One call: the results that are final, at least that of the first key. */
async function ask(
  client: CacheClient,
  keys: readonly string[],
  indexes: readonly number[],
  namespace: string,
): Promise<Map<number, Result>> {
  const response = await client.batchGet({namespace, requests: indexes.map(index => ({key: keys[index]!}))});
  const final = new Map<number, Result>();
  for (const [position, index] of indexes.entries()) {
    const result = response.results[position];
    if (!result) throw new Error(`BatchGet answered ${response.results.length} results for ${indexes.length} keys`);
    const isWaiting = result.response?.outcome === Outcome.OUTCOME_OVER_BUDGET;
    if (result.response?.entry?.valueOmitted || (isWaiting && position === 0)) {
      final.set(index, {response: await client.get({key: keys[index]!, namespace}), status: undefined});
    } else if (!isWaiting) {
      final.set(index, result);
    }
  }
  return final;
}
