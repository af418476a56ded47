/** Handlers for paths that answer one text. */
import {CacheError} from '../base/index.js';
import type {Handler} from './types.js';

const plain = 'text/plain; charset=utf-8';

/** Serves what `make` gives at each request, which is never stored on the way. */
export function textPage(make: () => string, contentType = plain): Handler {
  return (_request, sink) => {
    const body = make();
    sink.start(200, {
      'content-type': contentType,
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    sink.end(body);
  };
}

/** For load balancers: whether to send requests here. */
export function readiness(isServing: () => boolean): Handler {
  return textPage(() => {
    if (!isServing()) throw new CacheError('DRAINING', 'the server is going away');
    return 'ready\n';
  });
}
