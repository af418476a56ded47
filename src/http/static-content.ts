/** Content that does not change while the server runs: a browser keeps it, and asks whether it is still the same. */
import {createHash} from 'node:crypto';
import {headerOf} from './headers.js';
import type {Handler} from './types.js';

export function staticContent(
  bytes: Uint8Array,
  contentType: string,
  more: Readonly<Record<string, string>> = {},
): Handler {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const headers = {etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff', ...more};
  return (request, sink) => {
    if (headerOf(request.headers, 'if-none-match')?.includes(etag)) {
      sink.start(304, headers);
      sink.end();
      return;
    }
    sink.start(200, {...headers, 'content-type': contentType, 'content-length': String(bytes.length)});
    sink.end(request.method === 'HEAD' ? undefined : bytes);
  };
}

/** Content that is made when it is first asked for. */
export function madeOnce(make: () => Handler): Handler {
  let handler: Handler | undefined;
  return (request, sink) => {
    handler ??= make();
    handler(request, sink);
  };
}
