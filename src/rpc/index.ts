/**
 * The rpc room: everything that a client can call, in terms that any transport can
 * serve.
 */
import type {Answer, Backend, StatsAnswer} from '../cache/index.js';
import {adminService} from './admin-service.js';
import {cacheService} from './cache-service.js';
import {Health} from './health.js';
import type {Method} from './method.js';
import {reflection, reflectionPaths} from './reflection.js';

export type {
  Answer,
  Backend,
  DeleteAnswer,
  Entry,
  GetAnswer,
  NamespaceStats,
  PutAnswer,
  PutRequest,
  StatsAnswer,
  WatchEvent,
  Watcher,
  WatchMessage,
  WatchNews,
  WatchRequest,
  WatchSink,
  WatchStats,
} from '../cache/index.js';
export {tokenBehind} from '../cache/index.js';
export type {Call, DuplexMethod, InStream, Method, OutStream, ServerStreamMethod, UnaryMethod} from './method.js';
export {encodeStatus, errorDomain, type FaultLog, grpcCodes, StatusError, statusOf, toStatus} from './status.js';
export type {ConnectionLifetime, GrpcServer, GrpcServerOptions, TransportCounters} from './transport.js';

export interface RpcOptions {
  backend: Backend;
  /** A serialised FileDescriptorSet that holds every service, for reflection. */
  image: Uint8Array;
  /** Of the server, for GetStats. */
  version: string;
  /** How many threads serve; 1 if unset. */
  threads?: number;
  /** The statistics of all of them; the backend's if unset. */
  stats?: () => Answer<StatsAnswer>;
}

export interface Rpc {
  methods: readonly Method[];
  /** Health answers NOT_SERVING from now on. */
  stopServing(): void;
}

/** All methods that a server has. */
export function createRpc({backend, image, version, threads = 1, stats = () => backend.stats()}: RpcOptions): Rpc {
  const own = [...cacheService(backend), ...adminService(backend, {version, threads, stats})];
  const health = new Health(serviceNames(own.map(method => method.path)));
  const served = [...own, ...health.methods()];
  const services = serviceNames([...served.map(method => method.path), ...reflectionPaths]);
  return {
    methods: [...served, ...reflection(image, services)],
    stopServing: () => health.stopServing(),
  };
}

/** The full names of the services that these paths (`/package.Service/Method`) belong to. */
function serviceNames(paths: readonly string[]): string[] {
  return [...new Set(paths.map(path => path.split('/')[1] ?? ''))];
}
