/**
 * A gRPC server on @grpc/grpc-js that hands each call's bytes to a method and the
 * method's bytes back. Messages pass it undecoded: what they mean is for `rpc`.
 */
import {
  type ConnectionInjector,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import {limits} from '../base/index.js';
import type {
  DuplexMethod,
  FaultLog,
  GrpcServer,
  GrpcServerOptions,
  Method,
  ServerStreamMethod,
  UnaryMethod,
} from '../rpc/index.js';
import {toServiceError} from './service-error.js';
import {type AnswerMetadata, callOf, EngineOutStream} from './streams.js';

export function createGrpcJsServer(options: GrpcServerOptions): GrpcServer {
  const {methods, maxReceiveBytes, logFault, maxAgeMs, maxIdleMs, keepaliveMs = limits.keepaliveMsDefault} = options;
  const server = new Server({
    ...(maxAgeMs && {'grpc.max_connection_age_ms': maxAgeMs}),
    'grpc.max_connection_age_grace_ms': limits.connectionGraceMs,
    ...(maxIdleMs && {'grpc.max_connection_idle_ms': maxIdleMs}),
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveAnswerMs,
    'grpc.max_receive_message_length': maxReceiveBytes,
    'grpc.max_send_message_length': -1,
    // Its bookkeeping costs each call; nothing here reads it.
    'grpc.enable_channelz': 0,
  });
  const definitions: Record<string, MethodDefinition<Uint8Array, Uint8Array>> = {};
  const handlers: Record<string, UntypedHandleCall> = {};
  for (const method of methods) {
    definitions[method.path] = definitionOf(method);
    handlers[method.path] = handlerOf(method, logFault);
  }
  server.addService(definitions, handlers);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  let isClosing = false;
  return {
    accept: connection => {
      // The engine goes on serving what it is given after its shutdown.
      if (isClosing) connection.destroy();
      else injector.injectConnection(connection);
    },
    close: drainMs => {
      isClosing = true;
      return close(server, injector, drainMs);
    },
  };
}

function definitionOf(method: Method): MethodDefinition<Uint8Array, Uint8Array> {
  return {
    path: method.path,
    requestStream: method.kind === 'duplex',
    responseStream: method.kind !== 'unary',
    requestSerialize: asBuffer,
    requestDeserialize: bytes => bytes,
    responseSerialize: asBuffer,
    responseDeserialize: bytes => bytes,
  };
}

/** The same memory under the name that the engine wants; a copy would cost each answer. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function handlerOf(method: Method, logFault: FaultLog): UntypedHandleCall {
  switch (method.kind) {
    case 'unary':
      return unaryHandler(method, logFault);
    case 'serverStream':
      return serverStreamHandler(method, logFault);
    case 'duplex':
      return duplexHandler(method, logFault);
  }
}

function unaryHandler(method: UnaryMethod, logFault: FaultLog): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    const added: AnswerMetadata = {};
    const fail = (failure: unknown) => callback(toServiceError(failure, logFault));
    const succeed = (bytes: Uint8Array) => {
      if (added.headers) call.sendMetadata(added.headers);
      callback(null, bytes, added.trailers);
    };
    try {
      const answer = method.handle(call.request, callOf(call.metadata, added));
      if (answer instanceof Promise) answer.then(succeed, fail);
      else succeed(Buffer.from(answer));
    } catch (failure) {
      fail(failure);
    }
  };
}

function serverStreamHandler(
  method: ServerStreamMethod,
  logFault: FaultLog,
): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return call => {
    const added: AnswerMetadata = {};
    const out = new EngineOutStream(call, added, logFault);
    try {
      method.handle(call.request, out, callOf(call.metadata, added));
    } catch (failure) {
      out.end(failure);
    }
  };
}

function duplexHandler(method: DuplexMethod, logFault: FaultLog): handleBidiStreamingCall<Uint8Array, Uint8Array> {
  return call => {
    const added: AnswerMetadata = {};
    const out = new EngineOutStream(call, added, logFault);
    const guarded = (step: () => void) => {
      try {
        step();
      } catch (failure) {
        out.end(failure);
      }
    };
    guarded(() => {
      const input = method.handle(out, callOf(call.metadata, added));
      call.on('data', (bytes: Uint8Array) => guarded(() => input.message(bytes)));
      call.on('end', () => guarded(() => input.end()));
    });
  };
}

/** How much later than its drain a server is given up for closed. */
const cutOffMs = 500;

function close(server: Server, injector: ConnectionInjector, drainMs: number): Promise<void> {
  return new Promise(resolve => {
    // drain() cuts off what is left; forceShutdown() would not, since without channelz it knows no connection.
    injector.drain(drainMs);
    // The engine may lose sight of a connection that closes while it drains, and then wait for it for ever.
    const cutOff = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, drainMs + cutOffMs);
    server.tryShutdown(() => {
      clearTimeout(cutOff);
      resolve();
    });
  });
}
