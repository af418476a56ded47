/** Fills a server with entries of a 16-byte key and a TTL: this one over gRPC, its peers by their own protocols. */
import {once} from 'node:events';
import {connect} from 'node:net';
import {credentials} from '@grpc/grpc-js';
import {BatchPutRequest, CacheServiceClient, PutRequest} from '../../src/gen/krusty/cache/v1/cache_service.js';

export interface Fill {
  /** The number of the first key; the others follow. */
  from: number;
  count: number;
  /** Taken in turn. */
  valueBytes: readonly number[];
  /** When all of them expire, in milliseconds since 1970; unset: a day from their put. */
  expireTimeMs?: number;
}

const ttlSeconds = 24 * 3600;
const requestsMost = 1000;
/** A batch must be within what the server receives, 2 MiB by default. */
const batchBytesMost = 2 ** 20;
const batchesUnderWay = 4;

export async function fillKrusty(address: string, fill: Fill): Promise<void> {
  const client = new CacheServiceClient(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.enable_http_proxy': 0,
  });
  const batches = batchesOf(fill);
  const send = async () => {
    for (const batch of batches) await putBatch(client, batch);
  };
  try {
    await Promise.all(Array.from({length: batchesUnderWay}, send));
  } finally {
    client.close();
  }
}

function putBatch(client: CacheServiceClient, batch: BatchPutRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    client.batchPut(batch, (error, response) => {
      if (error) reject(error);
      else if (response.failedCount > 0) reject(new Error(`${response.failedCount} puts of a batch failed`));
      else resolve();
    });
  });
}

function* batchesOf({from, count, valueBytes, expireTimeMs}: Fill): Generator<BatchPutRequest> {
  const values = valueBytes.map(bytes => Buffer.alloc(bytes, 'v'));
  const lifetime =
    expireTimeMs === undefined
      ? {ttl: {seconds: BigInt(ttlSeconds), nanos: 0}}
      : {expireTime: {seconds: BigInt(Math.floor(expireTimeMs / 1000)), nanos: (expireTimeMs % 1000) * 1e6}};
  let requests: PutRequest[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    const value = values[index % values.length]!;
    if (requests.length === requestsMost || (requests.length > 0 && bytes + value.length > batchBytesMost)) {
      yield BatchPutRequest.fromPartial({requests});
      requests = [];
      bytes = 0;
    }
    requests.push(PutRequest.fromPartial({key: keyOf(from + index), value, ...lifetime}));
    bytes += value.length;
  }
  if (requests.length > 0) yield BatchPutRequest.fromPartial({requests});
}

/** How a peer is told to store an entry, and what it answers each time. */
export interface PeerProtocol {
  put(key: string, value: string): string;
  answer: string;
}

export const redisProtocol: PeerProtocol = {
  put: (key, value) =>
    `*5\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n$2\r\nEX\r\n$5\r\n${ttlSeconds}\r\n`,
  answer: '+OK\r\n',
};

export const memcachedProtocol: PeerProtocol = {
  put: (key, value) => `set ${key} 0 ${ttlSeconds} ${value.length}\r\n${value}\r\n`,
  answer: 'STORED\r\n',
};

/** Sends puts a thousand at a time, and waits for the answers to each thousand. */
export async function fillPeer(port: number, protocol: PeerProtocol, {from, count, valueBytes}: Fill): Promise<void> {
  const socket = connect({port, host: '127.0.0.1'});
  await once(socket, 'connect');
  const values = valueBytes.map(bytes => 'v'.repeat(bytes));
  for (let sent = 0; sent < count; sent += requestsMost) {
    const puts = Math.min(requestsMost, count - sent);
    const texts = Array.from({length: puts}, (_, index) =>
      protocol.put(keyOf(from + sent + index), values[(sent + index) % values.length]!),
    );
    socket.write(texts.join(''));
    let answers = '';
    while (answers.length < puts * protocol.answer.length) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      answers += chunk.toString('latin1');
    }
    if (answers !== protocol.answer.repeat(puts)) throw new Error(`a put was answered ${answers.slice(0, 200)}`);
  }
  socket.destroy();
}

function keyOf(number: number): string {
  return `key-${String(number).padStart(12, '0')}`;
}
