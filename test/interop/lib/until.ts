/** Waiting for what cannot be awaited: asked again and again, and not for ever. */
import {setTimeout as delay} from 'node:timers/promises';

const waitMsMost = 60_000;
const askAgainMs = 25;

/** Waits until something is so; fails where it never is. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + waitMsMost;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not in ${waitMsMost / 1000} s: ${what}`);
    await delay(askAgainMs);
  }
}
