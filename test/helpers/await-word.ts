/** A thread stands still until another has come so far: with a bound, so that a test fails rather than hang. */
const waitMs = 20_000;

/** Waits until a word of shared memory, which only grows, has reached a value. */
export function awaitWord(words: Int32Array, word: number, value: number): void {
  for (let found = Atomics.load(words, word); found < value; found = Atomics.load(words, word)) {
    if (Atomics.wait(words, word, found, waitMs) === 'timed-out') throw new Error(`no thread has come to ${value}`);
  }
}
