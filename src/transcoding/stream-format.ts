/**
 * How a stream of responses is written, chosen by Accept: a line of JSON each
 * (application/x-ndjson, the default), server-sent events (text/event-stream, WHATWG
 * HTML section 9.2) or one JSON array (application/json). A stream that fails says so
 * in its last element, since its status was sent long before: lines and elements are
 * `{"result": …}` or `{"error": Status}`; among events an `event: error`.
 */
import {jsonType} from './media-types.js';

export interface StreamFormat {
  contentType: string;
  /** A response, as JSON text; `isFirst` if nothing was written before. */
  response(json: string, isFirst: boolean): string;
  /** The Status with which the stream fails. */
  failure(json: string, isFirst: boolean): string;
  /** What ends the stream, failed or not. */
  end(isEmpty: boolean): string;
}

const lines: StreamFormat = {
  contentType: 'application/x-ndjson',
  response: json => `{"result":${json}}\n`,
  failure: json => `{"error":${json}}\n`,
  end: () => '',
};

const events: StreamFormat = {
  contentType: 'text/event-stream',
  response: json => `data: ${json}\n\n`,
  failure: json => `event: error\ndata: ${json}\n\n`,
  end: () => '',
};

const array: StreamFormat = {
  contentType: jsonType,
  response: (json, isFirst) => `${isFirst ? '[' : ',\n'}{"result":${json}}`,
  failure: (json, isFirst) => `${isFirst ? '[' : ',\n'}{"error":${json}}`,
  end: isEmpty => (isEmpty ? '[]' : ']'),
};

const formats = new Map([lines, events, array].map(format => [format.contentType, format]));

/** What Accept may choose from; the first is the default. */
export const streamTypes: readonly string[] = [...formats.keys()];

/** The format of one of these types. */
export function streamFormatOf(contentType: string): StreamFormat {
  return formats.get(contentType)!;
}
