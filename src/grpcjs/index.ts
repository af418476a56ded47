/** The grpcjs room: the methods of `rpc`, served by @grpc/grpc-js. The oracle for other transports, and the fallback. */

export {createGrpcJsServer, type GrpcServer, type GrpcServerOptions} from './server.js';
