import {readFileSync} from 'node:fs';
import {createFileRegistry, fromBinary, fromJson, toBinary} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {Transcoder} from './dist/src/transcoding/index.js';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync('dist/image.binpb')));
const res = registry.getMessage('krusty.cache.v1.GetResponse');
const mk = n =>
  toBinary(
    res,
    fromJson(res, {
      outcome: 1,
      entry: {
        value: Buffer.alloc(n, 97).toString('base64'),
        revision: '1234567890123456',
        contentType: 'text/plain',
        expireTime: '2024-01-01T00:00:00.123Z',
      },
    }),
  );
let answer = mk(100);
const methods = ['CacheService', 'AdminService']
  .flatMap(n => registry.getService('krusty.cache.v1.' + n).methods)
  .map(rpc =>
    rpc.methodKind === 'unary'
      ? {kind: 'unary', path: `/${rpc.parent.typeName}/${rpc.name}`, handle: () => answer}
      : {kind: 'serverStream', path: `/${rpc.parent.typeName}/${rpc.name}`, handle() {}},
  );
const tr = new Transcoder({
  registry,
  methods,
  onFault: e => {
    throw e;
  },
  responseBytesMost: 1e9,
  requestBytesMost: 1e9,
});
let last;
const sink = {
  start(s) {
    if (s !== 200) throw new Error(s);
  },
  write() {
    return true;
  },
  end(b) {
    last = b;
  },
  abort() {},
  onDrain() {},
  onClose() {},
};
const req = {method: 'GET', target: '/v1/entries/user%3A1234', headers: {host: 'localhost', accept: '*/*'}};
function bench(name, f, n = 2e5) {
  for (let i = 0; i < n / 2; i++) f();
  const t = process.hrtime.bigint();
  for (let i = 0; i < n; i++) f();
  console.log(name, (Number(process.hrtime.bigint() - t) / n / 1000).toFixed(2), 'us');
}
for (let k = 0; k < 3; k++) bench('GET 100B', () => tr.serve(req, sink));
if (process.argv[2]) process.exit();
console.log(last);
answer = mk(1 << 20);
bench('GET 1MiB', () => tr.serve(req, sink), 6);
const body = Buffer.from(JSON.stringify({value: Buffer.alloc(1 << 20, 97).toString('base64')}));
answer = new Uint8Array();
bench(
  'PUT 1MiB',
  () => tr.serve({method: 'PUT', target: '/v1/entries/a', headers: {'content-type': 'application/json'}, body}, sink),
  10,
);
