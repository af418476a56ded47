/**
 * Flow control of what we receive (RFC 9113, sections 5.2 and 6.9).
 *
 * Bytes are taken as they come, so a connection's window is given back as soon as half
 * of it is used. A stream's is given back when what came is put to use. Where a
 * connection has more than wireIncompleteBytesMost in unfinished messages, streams wait
 * with theirs; only one of them, the favoured, goes on until its message is complete,
 * so all get there in the end. A proxy may have the bytes of all streams in one line, in
 * which those of the favoured stand behind others: where nothing comes any more, each
 * that waits gets a window, once a check.
 */
import {limits} from '../base/index.js';
import {ConnectionFault} from './errors.js';
import {sendWindowUpdate} from './frame.js';
import type {HeldBytes} from './held-bytes.js';
import type {Output} from './output.js';
import {initialWindowBytes} from './peer-settings.js';
import type {Stream} from './stream.js';

export class ReceiveWindow {
  readonly #output: Output;
  /** Of all connections. */
  readonly #held: HeldBytes;
  readonly streamWindowBytes = limits.wireStreamWindowBytes;
  #window = initialWindowBytes;
  #unacknowledged = 0;
  /** Of messages that are not complete, on all streams. */
  incompleteBytes = 0;
  #favoured: Stream | undefined;
  readonly #waiting = new Set<Stream>();
  /** Bytes came since the last check. */
  #isMoving = false;

  constructor(output: Output, held: HeldBytes) {
    this.#output = output;
    this.#held = held;
  }

  /** At the start: makes the connection's window as large as it shall be. */
  open(): void {
    sendWindowUpdate(this.#output, 0, limits.wireConnectionWindowBytes - initialWindowBytes);
    this.#window = limits.wireConnectionWindowBytes;
  }

  /** A DATA frame came, with so many bytes of payload, on whatever stream. */
  takeOfConnection(count: number): void {
    this.#isMoving = true;
    this.#window -= count;
    if (this.#window < 0) throw new ConnectionFault('FLOW_CONTROL_ERROR', "more DATA than the connection's window");
    this.#unacknowledged += count;
    if (this.#unacknowledged < limits.wireConnectionWindowBytes / 2) return;
    sendWindowUpdate(this.#output, 0, this.#unacknowledged);
    this.#window += this.#unacknowledged;
    this.#unacknowledged = 0;
  }

  /** They came on this stream. False if it had no room for them. */
  takeOfStream(stream: Stream, count: number): boolean {
    stream.receiveWindow -= count;
    stream.unacknowledged += count;
    return stream.receiveWindow >= 0;
  }

  /** The stream has used what came, and more may come. */
  giveBack(stream: Stream): void {
    const bytes = stream.unacknowledged - stream.unreadBytes;
    if (bytes < this.streamWindowBytes / 2) return;
    if (this.#mustWait(stream)) {
      this.#waiting.add(stream);
      return;
    }
    this.#widen(stream);
  }

  /** Called about once a second: lets those go on that wait for what cannot come. */
  check(): void {
    const isStalled = !this.#isMoving;
    this.#isMoving = false;
    if (!isStalled) return;
    for (const stream of this.#waiting) this.#widen(stream);
    this.#waiting.clear();
  }

  #widen(stream: Stream): void {
    const bytes = stream.unacknowledged - stream.unreadBytes;
    sendWindowUpdate(this.#output, stream.id, bytes);
    stream.receiveWindow += bytes;
    stream.unacknowledged -= bytes;
  }

  /** The stream now has so many bytes of a message that is not complete. */
  setIncomplete(stream: Stream, bytes: number): void {
    const change = bytes - stream.incompleteBytes;
    if (change === 0) return;
    stream.incompleteBytes = bytes;
    this.incompleteBytes += change;
    this.#held.add(change);
    if (change < 0) this.#goOn(stream);
  }

  forget(stream: Stream): void {
    if (stream.incompleteBytes === 0) return;
    this.#waiting.delete(stream);
    this.setIncomplete(stream, 0);
  }

  #mustWait(stream: Stream): boolean {
    if (stream.incompleteBytes === 0 || this.#held.bytes <= limits.wireIncompleteFreeBytes) return false;
    if (this.incompleteBytes <= limits.wireIncompleteBytesMost) return false;
    this.#favoured ??= stream;
    return this.#favoured !== stream;
  }

  /** A message is complete: others may have its room. */
  #goOn(completed: Stream): void {
    if (this.#favoured === completed) this.#favoured = undefined;
    for (const stream of this.#waiting) {
      if (this.#mustWait(stream)) continue;
      this.#waiting.delete(stream);
      this.giveBack(stream);
    }
  }
}
