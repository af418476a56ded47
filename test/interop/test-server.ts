/**
 * A server for strangers' test suites, which do not know our contract: TestService over
 * a transport, and with `wire` an answer with a body to every request that is not gRPC.
 *
 *   node dist/test/interop/test-server.js TRANSPORT PORT
 */
import {createGrpcJsServer} from '../../src/grpcjs/index.js';
import {Port} from '../../src/server/port.js';
import {createWireServer} from '../../src/wire/index.js';
import {testService} from './test-service.js';

const [transport, port] = process.argv.slice(2);
const options = {
  methods: testService(),
  maxReceiveBytes: 2 ** 24,
  logFault: (fault: unknown) => {
    console.error(fault);
    process.exitCode = 1;
  },
};
const body = Buffer.alloc(100, 'x');
const server =
  transport === 'grpc-js'
    ? createGrpcJsServer(options)
    : createWireServer({
        ...options,
        onHttp: exchange => ({
          data: () => {},
          end: () => {
            exchange.respond(200, [['content-type', 'text/plain']]);
            exchange.write(body);
            exchange.end();
          },
        }),
      });
const listener = new Port({
  transports: {h2: server, 'http/1.1': {accept: socket => socket.destroy(), close: async () => {}}},
});
await listener.listen('127.0.0.1', Number(port));
process.on('SIGTERM', () => void listener.close(1000).then(() => process.exit()));
