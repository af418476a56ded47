/**
 * HTTP/1.1 by node:http, on connections that somebody else has accepted. Its parser is
 * strict and its limits are set here; what it refuses by itself is answered in the same
 * form as everything else.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES} from 'node:http';
import type {Socket} from 'node:net';
import {limits} from '../base/index.js';
import type {FaultLog} from '../rpc/index.js';
import {systemSchedule} from '../transcoding/index.js';
import {atEndOfTurn} from './end-of-turn.js';
import {bodyOf, NodeRequest} from './node-request.js';
import {NodeSink} from './node-sink.js';
import {answerOf, type FailureAnswer, headersTooLarge, noTunnel, Refusal, sendFailure} from './refusal.js';
import type {HttpRequest, HttpSink} from './types.js';

export interface NodeServerOptions {
  /** Throws nothing. */
  serve: (request: HttpRequest, sink: HttpSink) => void;
  logFault: FaultLog;
  maxKeyBytes: number;
  /** How long the headers of a request may take, and how often that is looked at. */
  headersMs?: number;
  checkMs?: number;
}

interface Connection {
  /** The response to the last request that came. */
  last: ServerResponse | undefined;
  /** How many requests wait until the one before them is answered. */
  waiting: number;
  /** How many bytes had come when they were no longer HTTP; undefined as long as they are. */
  brokenAtBytes: number | undefined;
}

export class NodeServer {
  readonly #serve: NodeServerOptions['serve'];
  readonly #logFault: FaultLog;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  #isClosing = false;
  #onEmpty: (() => void) | undefined;

  constructor({serve, logFault, maxKeyBytes, headersMs, checkMs}: NodeServerOptions) {
    this.#serve = serve;
    this.#logFault = logFault;
    const server = createServer({
      insecureHTTPParser: false,
      // Node's own refusal would have no body.
      requireHostHeader: false,
      maxHeaderSize: limits.httpHeaderBytes + limits.httpBytesPerKeyByte * maxKeyBytes,
      headersTimeout: headersMs ?? limits.httpHeadersMs,
      requestTimeout: limits.httpRequestMs,
      keepAliveTimeout: limits.httpKeepAliveMs,
      connectionsCheckingInterval: checkMs ?? limits.httpCheckMs,
    });
    this.#server = server;
    server.on('request', (message, response) => this.#request(message, response));
    server.on('checkContinue', (message, response) => {
      this.#request(message, response, () => response.writeContinue());
    });
    server.on('checkExpectation', (message, response) => {
      const sink = new NodeSink(response, bodyOf(message));
      this.#refuse(sink, new Refusal('EXPECTATION_FAILED', 'the only Expect that is known is 100-continue'));
    });
    server.on('connect', (_message, socket) => this.#sendRaw(socket as Socket, this.#answerOf(noTunnel)));
    server.on('clientError', (error, socket) => this.#clientError(error, socket as Socket));
    // Node begins to watch over its timeouts when the server listens, which this one never does.
    server.emit('listening');
  }

  accept(connection: Socket): void {
    if (this.#isClosing) {
      connection.destroy();
      return;
    }
    this.#connections.set(connection, {last: undefined, waiting: 0, brokenAtBytes: undefined});
    connection.on('close', () => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#onEmpty?.();
    });
    this.#server.emit('connection', connection);
  }

  close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    this.#server.close(); // Closes the connections on which nothing is under way.
    for (const {last} of this.#connections.values()) {
      // What began before now has told its client that the connection stays.
      last?.on('close', () => this.#server.closeIdleConnections());
    }
    return new Promise(resolve => {
      const callOff = systemSchedule(drainMs, () => {
        for (const socket of this.#connections.keys()) socket.destroy();
      });
      this.#onEmpty = () => {
        callOff();
        resolve();
      };
      if (this.#connections.size === 0) this.#onEmpty();
    });
  }

  /** Requests that were sent without waiting for answers are done in their order: the second may read what the first wrote. */
  #request(message: IncomingMessage, response: ServerResponse, onBodyRead?: () => void): void {
    const {socket} = message;
    const connection = this.#connections.get(socket)!;
    const previous = connection.last;
    connection.last = response;
    if (previous === undefined || previous.writableEnded) {
      this.#begin(message, response, onBodyRead);
      return;
    }
    connection.waiting++;
    if (connection.waiting >= limits.httpWaitingMost) socket.pause();
    previous.once('close', () => {
      if (connection.waiting === limits.httpWaitingMost) socket.resume();
      connection.waiting--;
      if (!socket.destroyed) this.#begin(message, response, onBodyRead);
    });
  }

  #begin(message: IncomingMessage, response: ServerResponse, onBodyRead: (() => void) | undefined): void {
    if (this.#isClosing) response.shouldKeepAlive = false;
    const body = bodyOf(message, onBodyRead);
    const sink = new NodeSink(response, body);
    try {
      checkTransferCoding(message.headers['transfer-encoding']);
      this.#serve(new NodeRequest(message, body), sink);
    } catch (failure) {
      // What cannot be read is no place to read on from.
      response.shouldKeepAlive = false;
      this.#refuse(sink, failure);
    }
  }

  #refuse(sink: HttpSink, failure: unknown): void {
    sendFailure(sink, this.#answerOf(failure));
  }

  #answerOf(failure: unknown): FailureAnswer {
    return answerOf(failure, this.#logFault);
  }

  /** The parser gave up: from here on the connection says nothing that can be understood. */
  #clientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection?.brokenAtBytes !== undefined) {
      if (socket.bytesRead - connection.brokenAtBytes > limits.httpDiscardBytesMost) socket.destroy();
    } else if (connection && socket.writable && isErrorOfParser(error)) {
      connection.brokenAtBytes = socket.bytesRead;
      // Behind the answer to what came before it in the same piece.
      atEndOfTurn(() => {
        if (mayWriteBehind(connection.last)) this.#sendRaw(socket, this.#answerOf(refusalOf(error)));
        else socket.destroySoon();
      });
    } else {
      socket.destroy();
    }
  }

  /** Answers, and closes once the client has seen it, or does not look. */
  #sendRaw(socket: Socket, {httpStatus, headers, body}: FailureAnswer): void {
    const lines = Object.entries({...headers, connection: 'close'}).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.on('error', () => {});
    socket.setTimeout(limits.httpLingerMs, () => socket.destroy());
    socket.end(`HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus]}\r\n${lines.join('')}\r\n${body}`);
  }
}

/** Whether what is written now comes behind whole answers, or in place of the one that is due. */
function mayWriteBehind(last: ServerResponse | undefined): boolean {
  if (last === undefined || last.writableFinished) return true;
  const isItsTurn = last.socket !== null;
  return isItsTurn && (last.writableEnded || !last.headersSent);
}

function checkTransferCoding(coding: string | undefined): void {
  if (coding === undefined || coding.toLowerCase() === 'chunked') return;
  throw new Refusal('UNSUPPORTED_TRANSFER_CODING', 'the only Transfer-Encoding that is known is chunked');
}

function isErrorOfParser({code = ''}: NodeJS.ErrnoException): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
}

function refusalOf({code, message}: NodeJS.ErrnoException): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('REQUEST_TIMEOUT', 'the request took too long to arrive');
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  return new Refusal('MALFORMED_HTTP', `this is not HTTP/1.1: ${message}`);
}
