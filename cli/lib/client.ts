/**
 * A small client with promises over the generated one.
 *
 * Each call has a deadline. Messages may be of any size: the server's limit is the
 * one that counts. grpc-js is loaded only here, when a command has something to ask.
 */
import type {CallOptions, ClientUnaryCall, Metadata, ServiceError} from '@grpc/grpc-js';
import {limits, systemClock} from '../../src/base/index.js';
import type {WatchRequest, WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {explainRpcError} from './rpc-error.js';
import {callLater} from './timing.js';

export type CacheClient = Awaited<ReturnType<typeof createClient>>;

const channelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // A cache is not reached through a web proxy, and http_proxy must not break 127.0.0.1.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  // For watch, which stays: a server that vanished without a word is noticed, and one that is back is found soon.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': limits.reconnectMsLeast,
  'grpc.max_reconnect_backoff_ms': limits.reconnectMsMost,
};

export interface ClientOptions {
  address: string;
  /** How long an answer may take; of a watch, its first message. */
  timeoutMs: number;
  /** In place of the timer, for tests. */
  later?: typeof callLater;
}

/**
 * A client of the server at `HOST:PORT`; it connects with its first call. Fields that
 * a request leaves out are unset. Any failure is a CliError.
 */
export async function createClient({address, timeoutMs, later = callLater}: ClientOptions) {
  const [grpc, cacheService, cacheWatch, adminService, healthService] = await Promise.all([
    import('@grpc/grpc-js'),
    import('../../src/gen/krusty/cache/v1/cache_service.js'),
    import('../../src/gen/krusty/cache/v1/watch.js'),
    import('../../src/gen/krusty/cache/v1/admin_service.js'),
    import('../../src/gen/grpc/health/v1/health.js'),
  ]);
  const credentials = grpc.credentials.createInsecure();
  const cache = new cacheService.CacheServiceClient(address, credentials, channelOptions);
  const sameChannel = {channelOverride: cache.getChannel()};
  const admin = new adminService.AdminServiceClient(address, credentials, sameChannel);
  const health = new healthService.HealthClient(address, credentials, sameChannel);

  function call<Given, Request, Response>(
    requestType: {create(given?: Given): Request},
    method: UnaryMethod<Request, Response>,
  ): (given: Given) => Promise<Response> {
    return given =>
      new Promise((resolve, reject) => {
        const deadline = systemClock.wallMicros() / 1000 + timeoutMs;
        method(requestType.create(given), new grpc.Metadata(), {deadline}, (error, response) => {
          if (error) reject(explainRpcError(error, {address, timeoutMs, statusName: grpc.status[error.code]}));
          else resolve(response);
        });
      });
  }

  /** The messages of a watch, read no faster than they are taken. The first must come in time. */
  async function* watch(given: Partial<WatchRequest>): AsyncGenerator<WatchResponse> {
    const stream = cache.watch(cacheWatch.WatchRequest.create(given));
    let isLate = false;
    const onTime = later(timeoutMs, () => {
      isLate = true;
      stream.cancel();
    });
    try {
      for await (const response of stream) {
        onTime();
        yield response;
      }
    } catch (error) {
      const failure = error as ServiceError;
      const statusName = isLate ? 'DEADLINE_EXCEEDED' : grpc.status[failure.code];
      throw explainRpcError(failure, {address, timeoutMs, statusName});
    } finally {
      onTime();
      stream.cancel();
    }
  }

  return {
    address,
    get: call(cacheService.GetRequest, cache.get.bind(cache)),
    put: call(cacheService.PutRequest, cache.put.bind(cache)),
    delete: call(cacheService.DeleteRequest, cache.delete.bind(cache)),
    batchGet: call(cacheService.BatchGetRequest, cache.batchGet.bind(cache)),
    touch: call(cacheService.TouchRequest, cache.touch.bind(cache)),
    increment: call(cacheService.IncrementRequest, cache.increment.bind(cache)),
    list: call(adminService.ListRequest, admin.list.bind(admin)),
    purge: call(adminService.PurgeRequest, admin.purge.bind(admin)),
    explain: call(adminService.ExplainRequest, admin.explain.bind(admin)),
    getStats: call(adminService.GetStatsRequest, admin.getStats.bind(admin)),
    watch,
    checkHealth: call(healthService.HealthCheckRequest, health.check.bind(health)),
    close: () => cache.close(),
  };
}

type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;
