/** The wire room: the methods of `rpc`, served by our own HTTP/2 over any Duplex. */

export type {BodyReader, HttpExchange, HttpHandler} from './http-exchange.js';
export {createWireServer, type WireServer, type WireServerOptions} from './server.js';
export type {Timers} from './timers.js';
