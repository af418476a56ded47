/**
 * One HTTP/2 connection, seen from the server (RFC 9113): frames in, streams and
 * frames out, over any Duplex.
 *
 * All that the input of one turn of the event loop causes is written to one buffer and
 * leaves in one write, if it is little at the end of the turn.
 * A peer that breaks the rules for the connection gets GOAWAY and is cut off; one that
 * breaks them for a stream gets RST_STREAM, but not for ever.
 */
import type {Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import {limits} from '../base/index.js';
import type {ConnectionLifetime} from '../rpc/index.js';
import {DelayedCalls} from './delayed-calls.js';
import {Departure} from './departure.js';
import {ConnectionFault, type ErrorName} from './errors.js';
import {sendData, sendGoAway, sendHeaders, sendPing, sendRstStream, sendSettings} from './frame.js';
import {FrameReader} from './frame-reader.js';
import {Guard, idleFrames, resets} from './guard.js';
import type {HeldBytes} from './held-bytes.js';
import {HpackEncoder, type OutField} from './hpack/encoder.js';
import {Incoming, type IncomingOptions} from './incoming.js';
import {Input} from './input.js';
import {Output} from './output.js';
import {ourSettings, PeerSettings} from './peer-settings.js';
import {ReceiveWindow} from './receive-window.js';
import {ResetStreams} from './reset-streams.js';
import {SendQueue} from './send-queue.js';
import type {Stream} from './stream.js';
import type {Tally} from './tally.js';
import type {Timers} from './timers.js';
import type {Turns} from './turns.js';
import {type Slow, Upkeep} from './upkeep.js';
import {Writers} from './writers.js';

const nothing = new Uint8Array(0);

export interface ConnectionOptions {
  duplex: Duplex;
  timers: Timers;
  turns: Turns;
  lifetime: ConnectionLifetime;
  /** Makes the stream for a request, and begins it. */
  open: IncomingOptions['open'];
  /** What all connections hold together. */
  held: HeldBytes;
  onClosed: (connection: Connection) => void;
  /** The peer was cut off for what it did. */
  onFault: (fault: ConnectionFault) => void;
  /** Counts requests that were ended for what the peer did. */
  requestFaults: Tally;
  /** A fault of ours, not the peer's. */
  logFault: (fault: unknown) => void;
}

export class Connection {
  readonly timers: Timers;
  readonly input: Input;
  readonly output: Output;
  readonly encoder = new HpackEncoder();
  readonly settings = new PeerSettings();
  readonly receiving: ReceiveWindow;
  readonly sending: SendQueue;
  readonly delayed: DelayedCalls;
  readonly writers = new Writers();
  readonly departure: Departure;
  readonly streams = new Map<number, Stream>();
  /** Streams that we ended before the peer did; what it sent before it knew is passed over. */
  readonly resetStreams = new ResetStreams();
  /** Handlers that have not answered yet, also those whose stream is over. */
  handlersRunning = 0;

  readonly #options: ConnectionOptions;
  readonly #duplex: Duplex;
  readonly #incoming: Incoming;
  readonly #upkeep: Upkeep;
  readonly #idleFrames: Guard;
  readonly #resets: Guard;
  #failed = false;
  #closed = false;
  #turnPlanned = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#duplex = options.duplex;
    this.timers = options.timers;
    const nowMs = () => this.timers.nowMs();
    this.#idleFrames = new Guard({...idleFrames, nowMs});
    this.#resets = new Guard({...resets, nowMs});
    this.output = new Output(this.#duplex, () => this.#planTurn());
    this.receiving = new ReceiveWindow(this.output, options.held);
    this.sending = new SendQueue({
      output: this.output,
      held: options.held,
      onProgress: () => this.worked(),
      onEmpty: stream => this.#sent(stream),
    });
    this.delayed = new DelayedCalls({sending: this.sending, output: this.output, held: options.held});
    const incoming = new Incoming({connection: this, idleFrames: this.#idleFrames, open: options.open});
    this.#incoming = incoming;
    this.departure = new Departure({
      duplex: this.#duplex,
      output: this.output,
      timers: this.timers,
      lastStreamId: () => incoming.lastStreamId,
      onFinal: () => this.#endIfDone(),
      destroy: () => this.destroy(),
    });
    const {turns, duplex} = options;
    const reader = new FrameReader((type, flags, streamId, bytes, start, end) =>
      incoming.frame(type, flags, streamId, bytes, start, end),
    );
    this.input = new Input({duplex, turns, connection: this, reader, guarded: work => this.#guarded(work)});
    this.#upkeep = new Upkeep(options.lifetime, nowMs());
    this.#listen();
    this.#guarded(() => {
      sendSettings(this.output, ourSettings);
      this.receiving.open();
    });
  }

  #listen(): void {
    const duplex = this.#duplex;
    duplex.on('data', (chunk: Buffer) => {
      this.#upkeep.heard();
      this.input.receive(chunk);
    });
    duplex.on('drain', () => this.#drained());
    // A peer that says it will send no more has no use for what is under way either.
    duplex.on('end', () => this.#close());
    duplex.on('error', () => this.#close());
    duplex.on('close', () => this.#close());
  }

  /** Does some of what it is behind with: reads, and sends. */
  goOn(): void {
    // Its turn ends here, and not once more below.
    this.#turnPlanned = true;
    this.input.goOn();
    this.#endTurn(true);
  }

  /** Does what may end the connection; what it has to say is sent at the end of the turn. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
    this.#planTurn();
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    this.#options.turns.add(this);
  }

  /** Sends what the turn has brought, and begins the next one. */
  endTurn(): void {
    this.#endTurn(this.#options.turns.hasCredit);
  }

  /** `withQueue`: also of what had to wait. */
  #endTurn(withQueue: boolean): void {
    const {output, sending} = this;
    const {turns} = this.#options;
    this.#turnPlanned = false;
    try {
      this.delayed.begin(() => this.input.hasCredit);
      if (withQueue && sending.hasReady) {
        sending.pump();
        turns.spend(output.turnBytes >> 9);
      }
    } catch (error) {
      this.#fail(error);
    }
    output.flush();
    output.beginTurn();
    this.writers.beginTurn();
    if (this.#duplex.writableNeedDrain && output.unsentBytes > limits.wireUnsentBytesMost) {
      output.isBlocked = true;
      this.#duplex.pause();
      return;
    }
    this.writers.tell();
    if (sending.hasReady || this.delayed.isReady) turns.addBehind(this);
  }

  #drained(): void {
    this.output.isBlocked = false;
    this.input.unblock();
    this.#planTurn();
  }

  /** Work was done for the peer: what it sends that moves nothing on is counted anew. */
  worked(): void {
    this.#idleFrames.reset();
  }

  /** Sends headers or trailers, and ends the stream with them where asked to. */
  sendHeaders(stream: Stream, block: Uint8Array, endsStream: boolean): void {
    sendHeaders(this.output, stream.id, block, endsStream);
    if (endsStream) this.endLocally(stream);
  }

  /** Sends bytes, which must stay as they are, when the windows and the turns of others allow it. */
  queue(stream: Stream, pieces: readonly Uint8Array[]): void {
    this.sending.add(stream, pieces);
    this.#planTurn();
  }

  /** Ends our side with these trailers (or, if there are none, without), behind what waits to be sent. */
  endWith(stream: Stream, trailers: readonly OutField[]): void {
    stream.trailers = trailers;
    if (stream.queuedBytes === 0) this.#sent(stream);
  }

  /** All that a stream had waiting is sent. */
  #sent(stream: Stream): void {
    if (stream.trailers) this.#sendEnd(stream, stream.trailers);
    else this.writers.sent(stream);
  }

  #sendEnd(stream: Stream, trailers: readonly OutField[]): void {
    if (trailers.length > 0) {
      this.sendHeaders(stream, this.encoder.encode(trailers), true);
      return;
    }
    sendData(this.output, stream.id, nothing, 0, 0, true);
    this.endLocally(stream);
  }

  /** END_STREAM was written. If the peer has more to say, it is told that nobody listens (RFC 9113, section 8.1). */
  endLocally(stream: Stream): void {
    stream.localEnded = true;
    if (stream.remoteEnded) this.closeStream(stream);
    else this.#reset(stream, 'NO_ERROR');
  }

  /** Ends a stream without that it counts. */
  #reset(stream: Stream, code: ErrorName): void {
    sendRstStream(this.output, stream.id, code);
    this.resetStreams.add(stream.id);
    this.closeStream(stream);
  }

  /** A stream was ended early. Throws a ConnectionFault where that happens too often. */
  countReset(): void {
    this.#resets.count();
  }

  /** A request was refused for what the peer did. Too many, and the connection is cut off. */
  countRefusal(what: string): void {
    this.#options.requestFaults.count(what);
    try {
      this.#resets.count();
    } catch (fault) {
      // Whoever refuses is in the middle of it.
      this.timers.soon(() => this.cutOff(fault as ConnectionFault));
    }
  }

  /** Ends a stream for an error of the peer's. It counts: a peer could make us do nothing else. */
  resetId(streamId: number, code: ErrorName): void {
    sendRstStream(this.output, streamId, code);
    this.#options.requestFaults.count(code);
    this.resetStreams.add(streamId);
    const stream = this.streams.get(streamId);
    if (stream) this.closeStream(stream);
    this.#resets.count();
  }

  /** Ends a stream for a reason of ours. */
  abort(stream: Stream): void {
    if (!stream.closed) this.#reset(stream, 'INTERNAL_ERROR');
  }

  /** Where a socket has been reached. */
  get localAddress(): string | undefined {
    return (this.#duplex as Partial<Socket>).localAddress;
  }

  closeStream(stream: Stream): void {
    if (stream.closed) return;
    stream.closed = true;
    this.streams.delete(stream.id);
    this.sending.forget(stream);
    this.receiving.forget(stream);
    stream.over();
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.departure.isFinal && this.streams.size === 0) this.departure.end(!this.#failed);
  }

  /** Takes no new calls, once the peer knows; ends when those under way have. */
  leave(): void {
    if (this.#failed) return;
    if (this.#incoming.settingsSeen) this.departure.begin();
    else this.departure.finish();
  }

  /** Ends what is under way, since nobody waits for it any longer. */
  stop(): void {
    if (!this.#failed) this.departure.finish();
    for (const stream of [...this.streams.values()]) stream.goingAway();
    for (const stream of [...this.streams.values()]) this.#reset(stream, 'CANCEL');
    this.departure.destroySoon();
  }

  /** What is held for the peer. */
  get heldBytes(): number {
    return this.sending.queuedBytes + this.receiving.incompleteBytes;
  }

  /** How far behind the peer is: what is held for it, for each byte that has moved in the last second or two. */
  get lag(): number {
    return this.heldBytes / (1 + this.#upkeep.movedSince(this.input.receivedBytes + this.output.sentBytes));
  }

  /** Ends the connection for what the peer did. */
  cutOff(fault: ConnectionFault): void {
    this.#guarded(() => this.#fail(fault));
  }

  /** Looks after the connection; called once in a while. */
  check(nowMs: number): void {
    this.receiving.check();
    // What all connections hold may have become less.
    if (this.delayed.isReady) this.#planTurn();
    const verdict = this.#upkeep.check(nowMs, {
      hasPreface: this.#incoming.settingsSeen,
      headersSinceMs: this.#incoming.headersSinceMs,
      streams: this.streams.size,
      waitingBytes: this.sending.queuedBytes + this.output.unsentBytes,
      sentBytes: this.output.sentBytes,
      receivedBytes: this.input.receivedBytes,
    });
    if (verdict === 'leave') this.leave();
    else if (verdict === 'ping') sendPing(this.output, 0, Buffer.alloc(8), 0);
    else if (verdict !== undefined) this.#giveUp(verdict);
  }

  #giveUp({slow, says}: Slow): void {
    const fault = new ConnectionFault('ENHANCE_YOUR_CALM', slow);
    if (says === 'goAway') {
      this.cutOff(fault);
      return;
    }
    this.#options.onFault(fault);
    if (says === 'stop') this.stop();
    else this.destroy();
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    const isPeers = error instanceof ConnectionFault;
    if (isPeers) this.#options.onFault(error);
    else this.#options.logFault(error);
    this.#failed = true;
    this.input.stop();
    if (this.#incoming.settingsSeen) {
      const message = isPeers ? error.message : 'internal error';
      sendGoAway(this.output, this.#incoming.lastStreamId, isPeers ? error.code : 'INTERNAL_ERROR', message);
    }
    for (const stream of [...this.streams.values()]) this.closeStream(stream);
    this.output.flush();
    this.departure.end(false);
  }

  destroy(): void {
    this.#duplex.destroy();
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failed = true;
    this.departure.clear();
    this.input.stop();
    this.#options.turns.leave(this);
    this.delayed.clear();
    this.writers.clear();
    for (const stream of [...this.streams.values()]) this.closeStream(stream);
    this.#duplex.destroy();
    this.#options.onClosed(this);
  }
}
