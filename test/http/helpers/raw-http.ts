/** A client that sends what it is told, byte for byte, and reads what comes back. */
import {connect, type Socket} from 'node:net';
import type {ExecutionContext} from 'ava';

export interface RawAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: Buffer;
}

export class RawConnection {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  #bytes: Buffer = Buffer.alloc(0);
  #isClosed = false;
  /** Why it was closed, where that is known. */
  #failure = '';
  #wake: () => void = () => {};

  constructor(t: ExecutionContext, address: string) {
    const [host, port] = address.split(':') as [string, string];
    this.socket = connect({host, port: Number(port), noDelay: true});
    this.socket.on('error', error => {
      this.#failure = `, ${error.message}`;
    });
    this.socket.on('data', chunk => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    this.#closed = new Promise(resolve => {
      this.socket.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
    t.teardown(() => this.socket.destroy());
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** Sends one byte after the other, each in a packet of its own. */
  async dribble(bytes: string): Promise<void> {
    for (const byte of Buffer.from(bytes, 'latin1')) {
      await new Promise<void>(resolve => this.socket.write(Buffer.of(byte), () => resolve()));
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  /** The next answer; its body by Content-Length, in chunks, or to the end. `noBody`: to a HEAD. */
  async answer({noBody = false} = {}): Promise<RawAnswer> {
    const head = (await this.#until(bytes => bytes.indexOf('\r\n\r\n'), 4)).toString('latin1');
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    const headers = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const hasNone = noBody || status < 200 || status === 204 || status === 304;
    return {status, headers, body: hasNone ? Buffer.alloc(0) : await this.#body(headers)};
  }

  /** The next so many bytes. */
  received(length: number): Promise<Buffer> {
    return this.#until(bytes => (bytes.length >= length ? length : -1), 0);
  }

  /** What comes up to the end of this text. */
  async text(end: string): Promise<string> {
    const find = (bytes: Buffer) => (bytes.includes(end) ? bytes.indexOf(end) + end.length : -1);
    return (await this.#until(find, 0)).toString('latin1');
  }

  /** Whatever comes until the connection is closed. */
  async rest(): Promise<string> {
    await this.#closed;
    const text = this.#bytes.toString('latin1');
    this.#bytes = Buffer.alloc(0);
    return text;
  }

  async #body(headers: Record<string, string>): Promise<Buffer> {
    if (headers['transfer-encoding'] === 'chunked') return this.#chunked();
    const length = headers['content-length'];
    if (length === undefined) return Buffer.from(await this.rest(), 'latin1');
    return this.#until(bytes => (bytes.length >= Number(length) ? Number(length) : -1), 0);
  }

  async #chunked(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const size = Number.parseInt((await this.#until(bytes => bytes.indexOf('\r\n'), 2)).toString('latin1'), 16);
      const chunk = await this.#until(bytes => (bytes.length >= size + 2 ? size : -1), 2);
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(chunk);
    }
  }

  /** Takes the bytes before the end that `find` finds, and so many behind it. */
  async #until(find: (bytes: Buffer) => number, skip: number): Promise<Buffer> {
    for (;;) {
      const end = find(this.#bytes);
      if (end >= 0) {
        const taken = this.#bytes.subarray(0, end);
        this.#bytes = this.#bytes.subarray(end + skip);
        return taken;
      }
      if (this.#isClosed) {
        throw new Error(`closed after ${JSON.stringify(this.#bytes.toString('latin1'))}${this.#failure}`);
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }
}
