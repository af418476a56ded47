/**
 * Lets through what a gRPC server sends on one connection up to the end of a certain
 * message, so that a test can break the connection between two messages. It reads
 * HTTP/2 frames, and in those with data the lengths of messages; a frame in which the
 * last message ends is made shorter.
 */
import assert from 'node:assert/strict';

const frameHeaderBytes = 9;
const messageHeaderBytes = 5;
const dataFrame = 0;
const paddedFlag = 0x8;

export class MessageLimit {
  #messagesLeft: number;
  /** Of a frame that has not come as a whole. */
  #rest: Buffer = Buffer.alloc(0);
  /** Of a message that has not come as a whole. */
  #message: Buffer = Buffer.alloc(0);

  constructor(messages: number) {
    this.#messagesLeft = messages;
  }

  /** What may pass now that these bytes have come. */
  pass(bytes: Buffer): Buffer {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const passed: Buffer[] = [];
    while (!this.#isReached) {
      const frame = this.#nextFrame();
      if (!frame) break;
      passed.push(frame[3] === dataFrame ? this.#passData(frame) : frame);
    }
    return Buffer.concat(passed);
  }

  #nextFrame(): Buffer | undefined {
    if (this.#rest.length < frameHeaderBytes) return undefined;
    const bytes = frameHeaderBytes + this.#rest.readUIntBE(0, 3);
    if (this.#rest.length < bytes) return undefined;
    const frame = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return frame;
  }

  #passData(frame: Buffer): Buffer {
    assert.equal(frame[4]! & paddedFlag, 0, 'a padded frame');
    this.#message = Buffer.concat([this.#message, frame.subarray(frameHeaderBytes)]);
    while (!this.#isReached && this.#hasMessage()) {
      this.#message = this.#message.subarray(messageHeaderBytes + this.#message.readUInt32BE(1));
      this.#messagesLeft--;
    }
    if (!this.#isReached) return frame;
    const shorter = Buffer.from(frame.subarray(0, frame.length - this.#message.length));
    shorter.writeUIntBE(shorter.length - frameHeaderBytes, 0, 3);
    return shorter;
  }

  get #isReached(): boolean {
    return this.#messagesLeft === 0;
  }

  #hasMessage(): boolean {
    const {length} = this.#message;
    return length >= messageHeaderBytes && length >= messageHeaderBytes + this.#message.readUInt32BE(1);
  }
}
