/**
 * The programs of other languages that interop tests and benchmarks use: pinned in
 * tools/go.mod, the files requirements.txt and java/pom.xml, built into build/, once for each
 * version of these files. What a machine lacks is said, never guessed around.
 */
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {run, runOrThrow} from './child.js';
import {inRoot} from './root.js';

export const goVersionLeast = [1, 26] as const;
export const pythonVersionLeast = [3, 11] as const;
export const javaVersionLeast = [17, 0] as const;

const buildMsMost = 10 * 60_000;

/** Why Go cannot be used here; undefined if it can. */
export async function goMissing(): Promise<string | undefined> {
  return versionMissing('go', ['version'], /go(\d+)\.(\d+)/, goVersionLeast, 'Go');
}

/** Why Python cannot be used here; undefined if it can. */
export async function pythonMissing(): Promise<string | undefined> {
  const missing = await versionMissing('python3', ['--version'], /(\d+)\.(\d+)/, pythonVersionLeast, 'Python');
  if (missing !== undefined) return missing;
  const venv = await run('python3', ['-c', 'import venv, ensurepip'], {timeoutMs: 10_000});
  return venv.code === 0 ? undefined : 'Python has no venv module (on Debian: apt-get install python3-venv)';
}

/** Why Java cannot be used here; undefined if it can. */
export async function javaMissing(): Promise<string | undefined> {
  const missing = await versionMissing('mvn', ['--version'], /Java version: (\d+)\.?(\d*)/, javaVersionLeast, 'Java');
  return (
    missing ?? versionMissing('javac', ['-version'], /javac (\d+)\.?(\d*)/, javaVersionLeast, 'A Java compiler of')
  );
}

async function versionMissing(
  program: string,
  args: string[],
  pattern: RegExp,
  [major, minor]: readonly [number, number],
  name: string,
): Promise<string | undefined> {
  const {code, stdout} = await run(program, args, {timeoutMs: 10_000});
  const found = code === 0 ? pattern.exec(stdout) : null;
  const wanted = `${name} ${major}.${minor} or newer is needed`;
  if (found === null) return `${wanted}, and \`${program}\` is not installed`;
  const enough = Number(found[1]) > major || (Number(found[1]) === major && Number(found[2]) >= minor);
  return enough ? undefined : `${wanted}, and this is ${found[0]}`;
}

/** `client` is the gRPC projects' interop client. */
export type GoTool = 'client' | 'ghz' | 'grpcurl' | 'h2spec' | 'protoc-gen-go' | 'protoc-gen-go-grpc';

/** The folder with the Go programs of tools/go.mod, built if they are not there yet. */
export async function goToolsFolder(): Promise<string> {
  const folder = inRoot('build', 'bin');
  await once(join(folder, 'stamp'), [inRoot('tools', 'go.mod'), inRoot('tools', 'go.sum')], async () => {
    mkdirSync(folder, {recursive: true});
    const options = {cwd: inRoot('tools'), timeoutMs: buildMsMost};
    const packages = await runOrThrow('go', ['list', '-f', '{{.ImportPath}}', 'tool'], options);
    await runOrThrow('go', ['build', '-buildvcs=false', '-o', `${folder}/`, ...packages.trim().split('\n')], options);
  });
  return folder;
}

/** The path of one of the Go programs. */
export async function goTool(name: GoTool): Promise<string> {
  return join(await goToolsFolder(), name);
}

/** Makes the Go stubs of the contract into FOLDER/gen. */
export async function makeGoStubs(folder: string): Promise<void> {
  const template = inRoot('test', 'interop', 'go', 'buf.gen.yaml');
  const tools = await goToolsFolder();
  await once(join(folder, 'gen', 'stamp'), [inRoot('dist', 'image.binpb'), template], async () => {
    await runOrThrow(
      inRoot('node_modules', '.bin', 'buf'),
      ['generate', inRoot('dist', 'image.binpb'), '--template', template, '-o', folder, '--path', 'krusty'],
      {timeoutMs: 60_000, env: {PATH: `${tools}:${process.env.PATH}`}},
    );
  });
}

/** A Python with the packages of the Python client. */
export function pythonWithPackages(): Promise<string> {
  return pythonWith('python', inRoot('test', 'interop', 'python', 'requirements.txt'));
}

/** A Python with the packages of a requirements.txt, in a virtual environment of this name under build/. */
export async function pythonWith(name: string, requirements: string): Promise<string> {
  const folder = inRoot('build', name);
  const python = join(folder, 'bin', 'python');
  await once(join(folder, 'stamp'), [requirements], async () => {
    rmSync(folder, {recursive: true, force: true});
    await runOrThrow('python3', ['-m', 'venv', folder], {timeoutMs: 2 * 60_000});
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await runOrThrow(python, install, {timeoutMs: buildMsMost});
  });
  return python;
}

/** Makes the Python stubs of the contract; answers their folder, for PYTHONPATH. */
export async function makePythonStubs(): Promise<string> {
  const python = await pythonWithPackages();
  const folder = inRoot('test', 'interop', 'python', 'gen');
  const image = inRoot('dist', 'image.binpb');
  await once(join(folder, 'stamp'), [image], async () => {
    rmSync(folder, {recursive: true, force: true});
    mkdirSync(folder, {recursive: true});
    const outputs = ['python', 'pyi', 'grpc_python'].map(kind => `--${kind}_out=${folder}`);
    const protos = ['admin_service', 'cache_service', 'entry', 'watch'].map(name => `krusty/cache/v1/${name}.proto`);
    await runOrThrow(python, ['-m', 'grpc_tools.protoc', `--descriptor_set_in=${image}`, ...outputs, ...protos], {
      timeoutMs: 60_000,
    });
  });
  return folder;
}

/** Builds the Java client, stubs and all; answers its classpath. */
export async function buildJava(): Promise<string> {
  const folder = inRoot('build', 'java');
  const project = inRoot('test', 'interop', 'java');
  const classpath = join(folder, 'classpath');
  const sources = join(project, 'src', 'main', 'java', 'app');
  const files = [join(project, 'pom.xml'), ...readdirSync(sources).map(name => join(sources, name))];
  await once(join(folder, 'stamp'), [inRoot('dist', 'image.binpb'), ...files], async () => {
    const goals = ['compile', 'dependency:build-classpath', `-Dmdep.outputFile=${classpath}`];
    const args = ['--batch-mode', '--quiet', '--file', join(project, 'pom.xml'), ...goals];
    await runOrThrow('mvn', args, {timeoutMs: buildMsMost});
  });
  return `${join(folder, 'classes')}${delimiter}${readFileSync(classpath, 'utf8')}`;
}

/** Does the work unless it was done with these very files; the stamp is their hash. */
async function once(stampFile: string, files: string[], work: () => Promise<void>): Promise<void> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  const stamp = hash.digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  await work();
  writeFileSync(stampFile, stamp);
}
