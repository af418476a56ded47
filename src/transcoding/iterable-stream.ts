/** Streams from asynchronous iterables, such as async generators, for methods that are written as one. */
import type {Call, OutStream, ServerStreamMethod} from './types.js';

/** The next message is asked for when the last one could be sent; when the caller goes away, the iterable is left. */
export function fromIterable(
  handle: (request: Uint8Array, call: Call) => AsyncIterable<Uint8Array>,
): ServerStreamMethod['handle'] {
  return (request, out, call) => pump(handle(request, call)[Symbol.asyncIterator](), out);
}

async function pump(messages: AsyncIterator<Uint8Array>, out: OutStream): Promise<void> {
  let isOver = false;
  let resume = () => {};
  out.onDrain(() => resume());
  out.onClose(() => {
    isOver = true;
    resume();
    messages.return?.().catch(() => {});
  });
  try {
    while (!isOver) {
      const next = await messages.next();
      if (next.done) return out.end();
      if (!out.write(next.value) && !isOver) {
        await new Promise<void>(resolve => {
          resume = resolve;
        });
      }
    }
  } catch (failure) {
    out.end(failure);
  }
}
