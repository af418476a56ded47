/** Proxies that speak HTTP/2 on both sides, as one would set them up for gRPC, each in a process of its own. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inRoot} from './root.js';
import {freePort, type ServerProcess, startListener} from './server.js';

export interface HttpProxy {
  name: string;
  program: string;
  debianPackage: string;
  /** The words that start it. It listens on `port` of 127.0.0.1 and passes on to `serverPort`; `folder` is its own. */
  words(port: number, serverPort: number, folder: string): string[];
}

export const proxies: readonly HttpProxy[] = [
  {name: 'nginx', program: 'nginx', debianPackage: 'nginx', words: nginxWords},
  {name: 'HAProxy', program: 'haproxy', debianPackage: 'haproxy', words: haproxyWords},
  {name: 'nghttpx', program: 'nghttpx', debianPackage: 'nghttp2-proxy', words: nghttpxWords},
];

export async function startProxy(proxy: HttpProxy, serverPort: number): Promise<ServerProcess> {
  const port = await freePort();
  const folder = inRoot('build', 'proxies', proxy.name);
  mkdirSync(folder, {recursive: true});
  return startListener(proxy.words(port, serverPort, folder), port);
}

function nginxWords(port: number, serverPort: number, folder: string): string[] {
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${join(folder, name)};`,
  );
  writeFileSync(
    file,
    `
    daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    pid ${join(folder, 'pid')};
    error_log stderr warn;
    events {}
    http {
      access_log off;
      ${temporary.join('\n      ')}
      # A connection is to last: the default is 1,000 calls.
      keepalive_requests 10000000;
      upstream cache {
        server 127.0.0.1:${serverPort};
        keepalive 16;
        keepalive_requests 10000000;
      }
      server {
        listen 127.0.0.1:${port} http2;
        client_max_body_size 8m;
        location / {
          grpc_pass grpc://cache;
          grpc_read_timeout 1h;
          grpc_send_timeout 1h;
        }
      }
    }
    `,
  );
  return ['nginx', '-e', 'stderr', '-c', file];
}

function haproxyWords(port: number, serverPort: number, folder: string): string[] {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `
    defaults
      mode http
      timeout connect 5s
      timeout client 1h
      timeout server 1h
    frontend clients
      bind 127.0.0.1:${port} proto h2
      default_backend cache
    backend cache
      server cache 127.0.0.1:${serverPort} proto h2
`,
  );
  return ['haproxy', '-db', '-q', '-f', file];
}

function nghttpxWords(port: number, serverPort: number): string[] {
  return [
    'nghttpx',
    '--conf=/dev/null',
    '--accesslog-file=/dev/null',
    '--errorlog-file=/dev/stderr',
    `--frontend=127.0.0.1,${port};no-tls`,
    `--backend=127.0.0.1,${serverPort};;proto=h2`,
    ...['frontend-http2-read-timeout', 'backend-read-timeout', 'stream-read-timeout'].map(name => `--${name}=1h`),
  ];
}
