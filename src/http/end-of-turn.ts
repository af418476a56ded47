/**
 * Work that is done at the end of this turn of the event loop, all at once. Answers are
 * sent so: where many connections have a request waiting, writing to one behind the
 * other costs the system less than a write after each read, since whoever reads them has
 * to be woken for the first alone.
 */
const waiting: (() => void)[] = [];

/** `work` throws nothing. */
export function atEndOfTurn(work: () => void): void {
  if (waiting.push(work) === 1) setImmediate(doAll);
}

function doAll(): void {
  for (const work of waiting.splice(0)) work();
}
