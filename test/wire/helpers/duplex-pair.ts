/** Two ends of a connection without a network: what is written to one is read from the other, and waits to be. */
import {Duplex} from 'node:stream';

class End extends Duplex {
  other: End | undefined;
  /** Says that what the other end wrote was taken. */
  #taken: (() => void) | undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const {other} = this;
    if (!other || other.destroyed) done();
    else if (other.push(chunk)) done();
    else other.#taken = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const {other} = this;
    if (other && !other.destroyed && !other.readableEnded) other.push(null);
    this._read();
    done(error);
  }
}

export function duplexPair(): [Duplex, Duplex] {
  const ends: [End, End] = [new End(), new End()];
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}
