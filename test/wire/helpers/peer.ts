/** A client that sends frames by hand, and what the server sends back, without a network and without a clock. */
import type {Duplex} from 'node:stream';
import type {ExecutionContext} from 'ava';
import {errorCodes} from '../../../src/wire/errors.js';
import {types} from '../../../src/wire/frame.js';
import {HpackDecoder} from '../../../src/wire/hpack/decoder.js';
import {createWireServer, type WireServer, type WireServerOptions} from '../../../src/wire/index.js';
import {duplexPair} from './duplex-pair.js';
import {type Frame, parseFrames, preface, settings} from './frames.js';
import {ManualTimers} from './manual-timers.js';
import {type TestMethods, testMethods} from './test-methods.js';

export interface Answer {
  fields: Record<string, string>;
  messages: string[];
  ended: boolean;
  /** The name of the code of RST_STREAM, if one came. */
  reset: string | undefined;
}

export interface Bench extends TestMethods {
  server: WireServer;
  timers: ManualTimers;
  faults: unknown[];
  /** Connects another peer. */
  connect(...firstSettings: [id: number, value: number][]): Promise<Peer>;
  /** A connection on which nothing has been said. */
  connectSilently(): Peer;
  /** Lets time pass, a second at a time: what a timer begins anew comes again. */
  pass(ms: number): Promise<void>;
}

export function startBench(
  t: ExecutionContext,
  {timers = new ManualTimers(), ...options}: Partial<WireServerOptions> & {timers?: ManualTimers} = {},
): Bench {
  const faults: unknown[] = [];
  const made = testMethods();
  const server = createWireServer({
    methods: made.methods,
    maxReceiveBytes: 2 ** 20,
    logFault: fault => void faults.push(fault),
    timers,
    ...options,
  });
  t.teardown(async () => {
    const closed = server.close(0);
    timers.advance(10_000);
    await closed;
  });
  const connectSilently = () => {
    const [ours, theirs] = duplexPair();
    server.accept(theirs);
    return new Peer(ours);
  };
  return Object.assign(made, {
    server,
    timers,
    faults,
    connectSilently,
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1000) timers.advance(1000);
      await settle();
    },
    connect: async (...firstSettings: [id: number, value: number][]) => {
      const peer = connectSilently();
      peer.send(preface, settings(...firstSettings));
      await peer.settle();
      return peer;
    },
  });
}

/** Lets everything happen that does not wait for time or for us. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise(resolve => setImmediate(resolve));
}

export class Peer {
  readonly duplex: Duplex;
  readonly frames: Frame[] = [];
  /** Both ends are gone. */
  closed = false;
  readonly #decoder = new HpackDecoder(4096);
  readonly #answers = new Map<number, Answer>();
  #rest = Buffer.alloc(0);

  constructor(duplex: Duplex) {
    this.duplex = duplex;
    duplex.on('data', (bytes: Buffer) => this.#take(bytes));
    duplex.on('end', () => {
      this.closed = true;
    });
    duplex.on('error', () => {});
  }

  send(...frames: Uint8Array[]): void {
    this.duplex.write(Buffer.concat(frames));
  }

  /** Sends, and waits for all that follows at once. */
  async ask(...frames: Uint8Array[]): Promise<void> {
    this.send(...frames);
    await settle();
  }

  settle(): Promise<void> {
    return settle();
  }

  answer(streamId: number): Answer {
    const answer = this.#answers.get(streamId) ?? {fields: {}, messages: [], ended: false, reset: undefined};
    this.#answers.set(streamId, answer);
    return answer;
  }

  framesOf(type: number): Frame[] {
    return this.frames.filter(frame => frame.type === type);
  }

  /** The name of the code of GOAWAY and its message, if it came. */
  get goAway(): {code: string; message: string; lastStreamId: number} | undefined {
    const frame = this.framesOf(types.goAway).at(-1);
    if (!frame) return undefined;
    const message = frame.payload.subarray(8).toString();
    return {code: codeName(frame.payload.readUInt32BE(4)), message, lastStreamId: frame.payload.readUInt32BE(0)};
  }

  /** Bytes of DATA that came on a stream. */
  dataBytes(streamId: number): number {
    return this.framesOf(types.data)
      .filter(frame => frame.streamId === streamId)
      .reduce((sum, frame) => sum + frame.payload.length, 0);
  }

  #take(bytes: Buffer): void {
    const {frames, rest} = parseFrames(Buffer.concat([this.#rest, bytes]));
    this.#rest = Buffer.from(rest);
    for (const frame of frames) {
      this.frames.push(frame);
      this.#read(frame);
    }
  }

  #read({type, flags, streamId, payload}: Frame): void {
    const answer = this.answer(streamId);
    if (type === types.headers) {
      this.#decoder.decode(payload, 0, payload.length, {
        field: ({name, value}) => {
          answer.fields[name.text] = value;
        },
      });
    } else if (type === types.data && payload.length >= 5) {
      answer.messages.push(payload.subarray(5).toString());
    } else if (type === types.rstStream) {
      answer.reset ??= codeName(payload.readUInt32BE(0));
    }
    if ((type === types.headers || type === types.data) && flags & 1) answer.ended = true;
  }
}

function codeName(code: number): string {
  return Object.entries(errorCodes).find(([, number]) => number === code)?.[0] ?? String(code);
}
