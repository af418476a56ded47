/**
 * grpc.testing.TestService, which the gRPC projects' interop clients call, as methods
 * for any transport. Its few messages are read and written by hand.
 */
import {BinaryReader, BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {type Call, type Method, type OutStream, StatusError} from '../../src/rpc/index.js';

const service = '/grpc.testing.TestService';

/** What is read of SimpleRequest, StreamingOutputCallRequest and StreamingInputCallRequest together. */
interface Request {
  /** Sizes of the payloads asked for. */
  sizes: number[];
  /** The size of the payload sent. */
  payloadSize: number;
  status: {code: number; message: string} | undefined;
}

export function testService(): Method[] {
  return [
    {kind: 'unary', path: `${service}/EmptyCall`, handle: () => new Uint8Array(0)},
    {kind: 'unary', path: `${service}/UnaryCall`, handle: unaryCall},
    {kind: 'serverStream', path: `${service}/StreamingOutputCall`, handle: streamingOutputCall},
    {kind: 'duplex', path: `${service}/StreamingInputCall`, handle: streamingInputCall},
    {kind: 'duplex', path: `${service}/FullDuplexCall`, handle: fullDuplexCall},
  ];
}

function unaryCall(bytes: Uint8Array, call: Call): Uint8Array {
  echoMetadata(call);
  const {sizes, status} = readRequest(bytes, 'simple');
  if (status) throw new StatusError(status.code, status.message);
  return payloadMessage(sizes[0] ?? 0);
}

function streamingOutputCall(bytes: Uint8Array, out: OutStream): void {
  for (const size of readRequest(bytes, 'streaming').sizes) out.write(payloadMessage(size));
  out.end();
}

function streamingInputCall(out: OutStream) {
  let sum = 0;
  return {
    message: (bytes: Uint8Array) => {
      sum += readRequest(bytes, 'input').payloadSize;
    },
    end: () => {
      out.write(new BinaryWriter().uint32(8).int32(sum).finish());
      out.end();
    },
  };
}

function fullDuplexCall(out: OutStream, call: Call) {
  echoMetadata(call);
  return {
    message: (bytes: Uint8Array) => {
      const {sizes, status} = readRequest(bytes, 'streaming');
      if (status) throw new StatusError(status.code, status.message);
      for (const size of sizes) out.write(payloadMessage(size));
    },
    end: () => out.end(),
  };
}

function echoMetadata(call: Call): void {
  const initial = call.metadata('x-grpc-test-echo-initial');
  if (initial !== undefined) call.answerMetadata('headers', 'x-grpc-test-echo-initial', initial);
  const trailing = call.metadata('x-grpc-test-echo-trailing-bin');
  if (trailing !== undefined) {
    call.answerMetadata('trailers', 'x-grpc-test-echo-trailing-bin', Buffer.from(trailing, 'latin1'));
  }
}

/** A message whose field 1 is a Payload with a body of zeros. */
function payloadMessage(size: number): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(10).fork().uint32(18).bytes(new Uint8Array(size)).join();
  return writer.finish();
}

function readRequest(bytes: Uint8Array, kind: 'simple' | 'streaming' | 'input'): Request {
  const request: Request = {sizes: [], payloadSize: 0, status: undefined};
  const payloadField = kind === 'input' ? 1 : 3;
  readFields(bytes, (reader, field, type) => {
    if (kind === 'simple' && field === 2) request.sizes.push(reader.int32());
    else if (kind === 'streaming' && field === 2) request.sizes.push(numberField(reader.bytes(), 1));
    else if (field === payloadField && type === WireType.LengthDelimited)
      request.payloadSize = bodySize(reader.bytes());
    else if (field === 7) request.status = readStatus(reader.bytes());
    else reader.skip(type);
  });
  return request;
}

function readFields(bytes: Uint8Array, take: (reader: BinaryReader, field: number, type: WireType) => void): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    take(reader, field, type);
  }
}

function numberField(bytes: Uint8Array, wanted: number): number {
  let value = 0;
  readFields(bytes, (reader, field, type) => {
    if (field === wanted) value = reader.int32();
    else reader.skip(type);
  });
  return value;
}

function bodySize(bytes: Uint8Array): number {
  let size = 0;
  readFields(bytes, (reader, field, type) => {
    if (field === 2) size = reader.bytes().length;
    else reader.skip(type);
  });
  return size;
}

function readStatus(bytes: Uint8Array): {code: number; message: string} {
  const status = {code: numberField(bytes, 1), message: ''};
  readFields(bytes, (reader, field, type) => {
    if (field === 2) status.message = reader.string();
    else reader.skip(type);
  });
  return status;
}
