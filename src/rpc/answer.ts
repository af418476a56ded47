/** Answers that may come at once or later. */
import type {Answer} from '../cache/index.js';

/** Applies a function to an answer; at once where the answer is there, so that a local cache never waits for a tick. */
export function map<A, B>(answer: Answer<A>, apply: (answer: A) => B): Answer<B> {
  return answer instanceof Promise ? answer.then(apply) : apply(answer);
}
