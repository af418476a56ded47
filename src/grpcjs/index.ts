/** The grpcjs room: the methods of `rpc`, served by @grpc/grpc-js. The oracle for other transports, and the fallback. */

export {createGrpcJsServer} from './server.js';
