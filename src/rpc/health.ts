/**
 * The standard gRPC health service (grpc.health.v1), for load balancers and probes:
 * a server is SERVING from its start until it begins to drain.
 */
import {CacheError} from '../base/index.js';
import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthListRequest,
  HealthListResponse,
  HealthService,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../gen/grpc/health/v1/health.js';
import {encodeMessage} from './encode.js';
import {decodeMessage, type Method, type OutStream, unary} from './method.js';

/** Health of a server as a whole; every service of it shares its state. */
export class Health {
  readonly #services: readonly string[];
  readonly #watchers = new Map<OutStream, string>();
  #serving = true;

  /** `services` are the names that may be asked for besides the empty one, which means the server. */
  constructor(services: readonly string[]) {
    this.#services = ['', ...services];
  }

  /** From now on NOT_SERVING; tells whoever watches, and ends their streams, which would hold up the drain. */
  stopServing(): void {
    this.#serving = false;
    for (const [out, service] of [...this.#watchers]) {
      out.write(this.#encodeStatus(service));
      out.end(new CacheError('DRAINING', 'the server is going away'));
    }
  }

  methods(): Method[] {
    return [
      unary(HealthService.check.path, HealthCheckRequest, HealthCheckResponse, ({service}) => this.#check(service)),
      unary(HealthService.list.path, HealthListRequest, HealthListResponse, () => ({
        statuses: Object.fromEntries(this.#services.map(service => [service, {status: this.#statusOf(service)}])),
      })),
      {
        kind: 'serverStream',
        path: HealthService.watch.path,
        handle: (request, out) => this.#watch(decodeMessage(HealthCheckRequest, request).service, out),
      },
    ];
  }

  #check(service: string): HealthCheckResponse {
    const status = this.#statusOf(service);
    if (status === ServingStatus.SERVICE_UNKNOWN) {
      throw CacheError.ofField('UNKNOWN_SERVICE', 'service', `there is none called "${service.slice(0, 200)}"`);
    }
    return {status};
  }

  #watch(service: string, out: OutStream): void {
    this.#watchers.set(out, service);
    out.onClose(() => this.#watchers.delete(out));
    out.write(this.#encodeStatus(service));
  }

  #encodeStatus(service: string): Uint8Array {
    return encodeMessage(HealthCheckResponse, {status: this.#statusOf(service)});
  }

  #statusOf(service: string): ServingStatus {
    if (!this.#services.includes(service)) return ServingStatus.SERVICE_UNKNOWN;
    return this.#serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
