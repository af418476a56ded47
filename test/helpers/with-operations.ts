/** The cache with some of its operations replaced, as an option of startParts. */
import type {Backend} from '../../src/cache/index.js';
import type {PartsOptions} from './test-server.js';

export function withOperations(replaced: Partial<Backend>): Pick<PartsOptions, 'backend'> {
  return {
    backend: (cache: Backend): Backend =>
      new Proxy(cache, {
        get: (target, name) => {
          const operation = replaced[name as keyof Backend] ?? target[name as keyof Backend];
          return operation.bind(target as never);
        },
      }),
  };
}
