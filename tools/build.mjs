/**
 * Builds the checkout: common protos, generated code, descriptor image, JavaScript.
 *
 *   build/protos/     google.api, google.rpc, grpc.health and grpc.reflection, copied from pinned packages
 *   src/gen/          TypeScript made from the protos by buf and ts-proto
 *   dist/image.binpb  all descriptors with their comments, for reflection and transcoding
 *   dist/             src, cli, test and bench as JavaScript, and the web pages as they are
 *   dist/test/features.binpb  the descriptors of test/transcoding/protos
 *
 * All but the JavaScript is made again only when a proto, a package version or this
 * file has changed: their stamp, a hash over all of these, is in build/stamp.
 */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

// `npx krusty` in a checkout makes npm prepare the package again. What is built must
// not be pulled from under a server that runs on it.
if (process.env.npm_command === 'exec' && existsSync('dist/cli/main.js') && existsSync('dist/image.binpb'))
  process.exit(0);

/** Where each common proto comes from: its import path, the package, the file in the package. */
const commonProtos = [
  ...[
    'google/api/annotations.proto',
    'google/api/http.proto',
    'google/api/httpbody.proto',
    'google/rpc/code.proto',
    'google/rpc/error_details.proto',
    'google/rpc/status.proto',
  ].map(path => ({path, from: 'google-gax', file: `build/protos/${path}`})),
  {path: 'grpc/health/v1/health.proto', from: 'grpc-health-check', file: 'proto/health/v1/health.proto'},
  ...['v1', 'v1alpha'].map(version => ({
    path: `grpc/reflection/${version}/reflection.proto`,
    from: '@grpc/reflection',
    file: `build/proto/grpc/reflection/${version}/reflection.proto`,
  })),
];

const testProtos = 'test/transcoding/protos';

const stampFile = 'build/stamp';
const stamp = protoStamp();
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp || !existsSync('dist/image.binpb')) {
  copyCommonProtos();
  run('buf', ['generate']);
  mkdirSync('dist', {recursive: true});
  run('buf', ['build', '-o', 'dist/image.binpb']);
  buildTestImage();
  writeFileSync(stampFile, stamp);
}
run('tsc', []);
removeStale();
copyPages();

function protoStamp() {
  const hash = createHash('sha256');
  const files = [
    ...['proto', testProtos].flatMap(folder =>
      readdirSync(folder, {recursive: true, encoding: 'utf8'})
        .filter(name => name.endsWith('.proto'))
        .sort()
        .map(name => join(folder, name)),
    ),
    'buf.yaml',
    'buf.gen.yaml',
    'package.json',
    'tools/build.mjs',
  ];
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function copyCommonProtos() {
  rmSync('build/protos', {recursive: true, force: true});
  for (const {path, from, file} of commonProtos) {
    const target = join('build/protos', path);
    mkdirSync(dirname(target), {recursive: true});
    cpSync(join('node_modules', from, file), target);
  }
}

/** A module of its own, beside the common protos that it imports. */
function buildTestImage() {
  const modules = [testProtos, 'build/protos'].map(path => ({path}));
  mkdirSync('dist/test', {recursive: true});
  run('buf', ['build', '--config', JSON.stringify({version: 'v2', modules}), '-o', 'dist/test/features.binpb']);
}

/**
 * Removes what was built from sources that are gone, so that no deleted test runs on.
 * The rest stays where it is: a server may be running on it.
 */
function removeStale() {
  for (const room of ['src', 'cli', 'test', 'bench']) {
    for (const name of existsSync(join('dist', room))
      ? readdirSync(join('dist', room), {recursive: true, encoding: 'utf8'})
      : []) {
      const built = /^(.*?)(\.d\.ts|\.js|\.js\.map)$/.exec(name);
      if (built && !existsSync(join(room, `${built[1]}.ts`))) rmSync(join('dist', room, name));
    }
  }
}

/** The web pages are served as they are written. */
function copyPages() {
  for (const page of ['ui', 'docs']) {
    rmSync(`dist/src/http/${page}`, {recursive: true, force: true});
    cpSync(`src/http/${page}`, `dist/src/http/${page}`, {recursive: true});
  }
}

/** Runs a program of node_modules/.bin, found there however this script was started. */
function run(program, args) {
  const bin = join(root, 'node_modules', '.bin');
  try {
    execFileSync(join(bin, program), args, {
      stdio: 'inherit',
      env: {...process.env, PATH: `${bin}:${process.env.PATH}`},
    });
  } catch (error) {
    process.stderr.write(`build: ${program} ${args.join(' ')} failed: ${error.message}\n`);
    process.exit(1);
  }
}
