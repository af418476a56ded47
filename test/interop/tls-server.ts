/**
 * A cache and TestService behind TLS that a transport knows nothing of: it is given
 * sockets on which a handshake has agreed on HTTP/2.
 *
 *   node dist/test/interop/tls-server.js TRANSPORT PORT KEY-FILE CERTIFICATE-FILE
 */
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:tls';
import {systemClock} from '../../src/base/index.js';
import {Cache} from '../../src/cache/index.js';
import {createRpc} from '../../src/rpc/index.js';
import {startHousekeeping} from '../../src/server/housekeeping.js';
import type {Transport} from '../../src/server/index.js';
import {createTransport, image} from '../helpers/test-server.js';
import {testService} from './test-service.js';

const [transport, port, keyFile, certificateFile] = process.argv.slice(2);
const cache = new Cache({
  clock: systemClock,
  maxKeyBytes: 1024,
  maxValueBytes: 2 ** 20,
  historyBytes: 2 ** 26,
  namespaces: [{name: 'default', maxEntries: 100_000, maxMemoryBytes: 2 ** 28, ttlJitter: 0}],
});
startHousekeeping(cache);
const {methods} = createRpc({backend: cache, image, version: 'test'});
const server = createTransport[transport as Transport]({
  methods: [...methods, ...testService()],
  maxReceiveBytes: 2 ** 21,
  logFault: fault => {
    console.error(fault);
    process.exitCode = 1;
  },
});
const listener = createServer(
  {key: readFileSync(keyFile!), cert: readFileSync(certificateFile!), ALPNProtocols: ['h2']},
  socket => server.accept(socket),
);
// One that ends within the handshake is nobody's fault.
listener.on('tlsClientError', () => {});
listener.listen(Number(port), '127.0.0.1');
await once(listener, 'listening');
process.on('SIGTERM', () => {
  listener.close();
  cache.stopWatches();
  void server.close(1000).then(() => process.exit());
});
