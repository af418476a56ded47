/**
 * The server's own paths: `/`, and those under `/-/`. Each is served to GET and HEAD. A
 * new one is a line in the table; what serves it gets the request and the sink, and
 * throws or answers, soon or later.
 */
import {type EventsOptions, events} from './events.js';
import {headerOf} from './headers.js';
import {help} from './help.js';
import {type MetricsOptions, metrics} from './metrics.js';
import {type DocumentOptions, makeDocument} from './openapi/document.js';
import {pageFiles} from './page-files.js';
import {madeOnce, staticContent} from './static-content.js';
import {readiness, textPage} from './text-page.js';
import type {Handler} from './types.js';

export interface OwnPathsOptions extends EventsOptions, MetricsOptions, DocumentOptions {
  /** False as soon as the server begins to drain. */
  isServing: () => boolean;
}

export function ownPaths(options: OwnPathsOptions): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['/', home],
    ['/-/healthy', textPage(() => 'ok\n')],
    ['/-/ready', readiness(options.isServing)],
    ['/-/metrics', metrics(options)],
    ['/-/watch', events(options)],
    ['/-/openapi.json', madeOnce(() => documentPage(options))],
    ...pageFiles('ui'),
    ...pageFiles('docs'),
  ]);
}

/** The page for a browser, a short help for everybody else. */
const home: Handler = (request, sink) => {
  if (!headerOf(request.headers, 'accept')?.includes('text/html')) {
    textPage(() => help)(request, sink);
    return;
  }
  sink.start(302, {location: '/-/ui', vary: 'Accept', 'content-length': '0'});
  sink.end();
};

/** It takes some 20 ms, once, and most servers are never asked. */
function documentPage(options: DocumentOptions): Handler {
  return staticContent(Buffer.from(JSON.stringify(makeDocument(options))), 'application/json');
}
