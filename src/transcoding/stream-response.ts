/**
 * The stream that a method writes to, as the body of an answer: in a format of JSON, or
 * the bytes of google.api.HttpBody messages one after another, under the type that the
 * first of them says. Each message is sent when it is written; who cannot be sent to
 * at the moment is told to pause.
 */
import type {Exchange} from './exchange.js';
import type {ResponseEncoder} from './response-encoder.js';
import type {StreamFormat} from './stream-format.js';
import type {OutStream} from './types.js';

/** So that no proxy on the way collects what should arrive as it happens. */
const streamHeaders = {'cache-control': 'no-cache', 'x-accel-buffering': 'no'};

/** `format` is undefined for messages that are sent as they are. */
export class StreamResponse implements OutStream {
  readonly #exchange: Exchange;
  readonly #encoder: ResponseEncoder;
  readonly #format: StreamFormat | undefined;
  #isEmpty = true;

  constructor(exchange: Exchange, encoder: ResponseEncoder, format: StreamFormat | undefined) {
    this.#exchange = exchange;
    this.#encoder = encoder;
    this.#format = format;
    if (format) exchange.failWith(json => format.failure(json, this.#isEmpty) + format.end(false));
  }

  /** Sends the status, if the type is known before there is a message. */
  begin(): void {
    if (this.#format) this.#start(this.#format.contentType);
  }

  write(message: Uint8Array): boolean {
    if (this.#exchange.isOver) return true;
    try {
      return this.#format ? this.#writeJson(message, this.#format) : this.#writeRaw(message);
    } catch (failure) {
      this.#exchange.fail(failure);
      return true;
    }
  }

  end(failure?: unknown): void {
    if (failure === undefined) {
      this.#start(this.#format?.contentType ?? 'application/octet-stream');
      this.#exchange.end(this.#format?.end(this.#isEmpty));
    } else {
      this.#exchange.fail(failure);
    }
  }

  onDrain(listener: () => void): void {
    this.#exchange.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#exchange.onClose(listener);
  }

  #writeJson(message: Uint8Array, format: StreamFormat): boolean {
    const json = this.#encoder.json(message);
    this.#start(format.contentType);
    const chunk = format.response(json, this.#isEmpty);
    this.#isEmpty = false;
    return this.#exchange.write(chunk);
  }

  #writeRaw(message: Uint8Array): boolean {
    const {contentType, data} = this.#encoder.raw(message);
    this.#start(contentType);
    return this.#exchange.write(data);
  }

  #start(contentType: string): void {
    if (!this.#exchange.hasStarted) this.#exchange.start(200, {'content-type': contentType, ...streamHeaders});
  }
}
