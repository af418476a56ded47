/**
 * The rules that every source file keeps, and their check: which room may import
 * which (design section 3), who may look at the time, how a file opens and how long
 * it may be. The check reads text alone, so a test can feed it anything.
 */
import {posix} from 'node:path';

/** Which rooms of src each room may import. `gen` is data: its files are imported directly. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  store: ['base'],
  cache: ['store', 'base'],
  rpc: ['cache', 'gen', 'base'],
  grpcjs: ['rpc', 'base'],
  wire: ['rpc', 'base'],
  transcoding: ['base'],
  http: ['rpc', 'transcoding', 'base'],
  server: ['base', 'store', 'cache', 'gen', 'rpc', 'grpcjs', 'wire', 'transcoding', 'http'],
  cli: ['gen', 'base'],
  'cli serve': ['gen', 'base', 'server'],
  'cli table': [],
};

/** The list of commands, which loads the one that was asked for. */
const commandTable = 'cli/command-table';

/** The part of the CLI that starts a server; the rest are clients. */
const serveFile = /^cli\/(commands\/serve|lib\/serve[a-z-]*)\.ts$/;

/** The rooms that do without packages of Node and npm, but for these files; `*` stands for all of a room. */
const packagesAllowed: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  base: {},
  store: {
    'src/store/off-heap-store.ts': /^node:crypto$/,
    'src/store/lock.ts': /^node:(fs|worker_threads)$/,
  },
  cache: {'src/cache/page-token.ts': /^node:crypto$/, 'src/cache/resume-token.ts': /^node:crypto$/},
  transcoding: {'*': /^@bufbuild\/protobuf(\/(reflect|wire|wkt))?$/},
};

/** Where time comes from, and where timers have to be. */
const timerFiles: Readonly<Record<string, RegExp>> = {
  'cli/lib/timing.ts': /setTimeout/,
  'src/base/clock.ts': /Date\.now|performance|process\.hrtime/,
  'src/cache/make-room.ts': /setImmediate/,
  'src/cache/schedule.ts': /setImmediate|setTimeout/,
  'src/grpcjs/server.ts': /setTimeout/,
  'src/http/end-of-turn.ts': /setImmediate/,
  'src/http/node-server.ts': /setTimeout/,
  'src/http/request-body.ts': /setTimeout/,
  'src/server/line.ts': /setTimeout/,
  'src/server/listening.ts': /setImmediate/,
  'src/server/port.ts': /setTimeout|setImmediate/,
  'src/transcoding/deadline.ts': /setTimeout/,
  'src/wire/timers.ts': /setTimeout|setImmediate/,
  'src/server/housekeeping.ts': /setInterval|setImmediate/,
};
const timeUses = /\b(Date\.now|new Date\(\)|performance\.\w+|setTimeout|setInterval|setImmediate|process\.hrtime)\b/g;

const linesMost = 400;

/** What is wrong with a file; empty if nothing is. `path` is relative to the repository. */
export function faultsOf(path: string, source: string): string[] {
  return [
    ...importsOf(source).flatMap(imported => importFault(path, imported) ?? []),
    ...timeFaults(path, source),
    ...shapeFaults(path, source),
  ];
}

/** Everything that a file imports, exports from elsewhere, or loads later. */
export function importsOf(source: string): string[] {
  const code = withoutComments(source);
  const found = code.matchAll(/\b(?:from\s*|import\s*|import\s*\(\s*)(['"`])([^'"`]+)\1/g);
  return [...found].map(match => match[2]!);
}

function importFault(path: string, imported: string): string | undefined {
  const room = roomOf(path);
  const allowedRooms = arrows[room];
  if (!allowedRooms) return `${path}: there is no room "${room}" in the table of arrows`;
  if (!imported.startsWith('.')) {
    const allowed = packagesAllowed[room];
    return allowed && !(allowed[path] ?? allowed['*'])?.test(imported)
      ? `${path}: ${room} may not import ${imported}`
      : undefined;
  }
  const target = posix.join(posix.dirname(path), imported);
  const targetRoom = roomOf(target);
  if (sameRoom(room, targetRoom)) return undefined;
  if (!allowedRooms.includes(targetRoom)) return `${path}: ${room} may not import ${targetRoom} (${imported})`;
  if (targetRoom !== 'gen' && target !== `src/${targetRoom}/index.js`) {
    return `${path}: ${imported} passes by the door src/${targetRoom}/index.ts`;
  }
  return undefined;
}

/** `src/store/x.ts` is of the room store; `cli/…` of cli, or of the part of it that serves. */
function roomOf(path: string): string {
  if (serveFile.test(path.replace(/\.js$/, '.ts'))) return 'cli serve';
  if (path.startsWith(commandTable)) return 'cli table';
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

function sameRoom(room: string, target: string): boolean {
  return room === target || (room.startsWith('cli') && (target === 'cli' || room === 'cli table'));
}

function timeFaults(path: string, source: string): string[] {
  const uses = withoutComments(source).match(timeUses) ?? [];
  return uses
    .filter(use => !timerFiles[path]?.test(use))
    .map(use => `${path}: ${use} outside the clock; time is injected as a Clock`);
}

function shapeFaults(path: string, source: string): string[] {
  const faults: string[] = [];
  // A command says what it is in its summary, which the help prints.
  const opens = /^(#!.*\n)?\/[*/]/.test(source) || /static override summary/.test(source);
  if (!opens) faults.push(`${path}: does not open with a comment that says what it is`);
  const lines = source.trimEnd().split('\n').length;
  if (lines > linesMost) faults.push(`${path}: has ${lines} lines; allowed: ${linesMost}`);
  return faults;
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
