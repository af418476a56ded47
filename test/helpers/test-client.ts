/** Promises over the generated clients: fields left out are unset, a failure is an RpcError. */
import {
  type CallOptions,
  type Client,
  type ClientUnaryCall,
  credentials,
  type Metadata,
  Metadata as NewMetadata,
  type ServiceError,
} from '@grpc/grpc-js';
import {HealthCheckRequest, HealthClient, HealthListRequest} from '../../src/gen/grpc/health/v1/health.js';
import * as admin from '../../src/gen/krusty/cache/v1/admin_service.js';
import * as cache from '../../src/gen/krusty/cache/v1/cache_service.js';
import {WatchRequest, type WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {RpcError} from './rpc-error.js';
import {type Received, received} from './streams.js';

type Method<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: R) => void,
) => ClientUnaryCall;

/** No call of a test takes this long; one that hangs fails by itself. */
const callMsMost = 20_000;

export type WatchAsked = Parameters<typeof WatchRequest.fromPartial>[0];

/** A watch whose messages are read as they come. */
export interface WatchCall extends Received<WatchResponse> {
  cancel(): void;
}

/** One that is not read, until it is. */
export interface UnreadWatchCall {
  read(): Received<WatchResponse>;
  cancel(): void;
}

export type TestClient = ReturnType<typeof createTestClient>;

/** In clear text unless it gets other credentials. */
export function createTestClient(address: string, channelCredentials = credentials.createInsecure()) {
  const caches = new cache.CacheServiceClient(address, channelCredentials, {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
  });
  const shared = {channelOverride: caches.getChannel()};
  const admins = new admin.AdminServiceClient(address, channelCredentials, shared);
  const healths = new HealthClient(address, channelCredentials, shared);
  return {
    address,
    /** For calls that the generated methods do not make. */
    raw: caches as Client,
    caches,
    admins,
    healths,
    get: promised(caches, caches.get, cache.GetRequest),
    put: promised(caches, caches.put, cache.PutRequest),
    delete: promised(caches, caches.delete, cache.DeleteRequest),
    touch: promised(caches, caches.touch, cache.TouchRequest),
    increment: promised(caches, caches.increment, cache.IncrementRequest),
    batchGet: promised(caches, caches.batchGet, cache.BatchGetRequest),
    batchPut: promised(caches, caches.batchPut, cache.BatchPutRequest),
    batchDelete: promised(caches, caches.batchDelete, cache.BatchDeleteRequest),
    batchTouch: promised(caches, caches.batchTouch, cache.BatchTouchRequest),
    watch: (request: WatchAsked = {}): WatchCall => {
      const call = caches.watch(WatchRequest.fromPartial(request));
      return {...received(call), cancel: () => call.cancel()};
    },
    unreadWatch: (request: WatchAsked = {}): UnreadWatchCall => {
      const call = caches.watch(WatchRequest.fromPartial(request));
      call.on('error', () => undefined);
      // Before it is asked for the first time, the client takes without a bound.
      call.read(0);
      return {read: () => received(call), cancel: () => call.cancel()};
    },
    list: promised(admins, admins.list, admin.ListRequest),
    purge: promised(admins, admins.purge, admin.PurgeRequest),
    explain: promised(admins, admins.explain, admin.ExplainRequest),
    getStats: promised(admins, admins.getStats, admin.GetStatsRequest),
    checkHealth: promised(healths, healths.check, HealthCheckRequest),
    listHealth: promised(healths, healths.list, HealthListRequest),
    close: () => caches.close(),
  };
}

function promised<Q, R, P>(client: Client, method: Method<Q, R>, codec: {fromPartial(object: P): Q}) {
  return (request: P = {} as P): Promise<R> =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + callMsMost;
      method.call(client, codec.fromPartial(request), new NewMetadata(), {deadline}, (error, response) => {
        if (error) reject(new RpcError(error));
        else resolve(response);
      });
    });
}
