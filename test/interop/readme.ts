/**
 * Runs what the README shows. A fenced block whose info string has the word `interop`
 * after its language is run as it stands, with `localhost:7070` and `127.0.0.1:7070`
 * replaced by the address of a running server (KRUSTY_ADDRESS holds it as well):
 *
 *     ```sh interop
 *     npx krusty put greeting hello
 *     npx krusty get greeting            # → hello
 *     npx krusty stats
 *     # → …
 *     # → default  …
 *     npx krusty get nothing             # exit 3
 *     ```
 *
 * `sh`: one bash for the block, in the checkout, line by line; `\` at the end of a line
 * joins it with the next. A command must exit 0, or as `# exit N` says. grpcurl, ghz and
 * krusty are in the PATH.
 *
 * `go`: a whole program, in the module of test/interop/go, whose stubs are at
 * `example.com/app/gen/krusty/cache/v1`. `python`: a whole program, with the stubs as
 * `krusty.cache.v1`. `js`: an ES module, in this package.
 *
 * What a command of a shell block, or a program, prints on standard output is compared
 * with its `→ TEXT` comments, if it has any: line for line, where `…` stands for any text,
 * and a line of `…` alone for any lines. In `go` and `js` the comment begins with `//`.
 * All blocks share one server, in the order of the README.
 *
 * A block with the word `interop-watch` is a program that goes on for ever; watch.ts runs it.
 */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {delimiter, dirname, join} from 'node:path';
import {goFolder} from './clients.js';
import {check, fail, heading, skip} from './lib/checks.js';
import {type Finished, run} from './lib/child.js';
import {inRoot} from './lib/root.js';
import {goMissing, makeGoStubs, makePythonStubs, pythonMissing, pythonWithPackages} from './lib/toolchain.js';

export interface Block {
  language: string;
  /** The line of the file that its text begins on. */
  line: number;
  text: string;
}

export interface Command {
  text: string;
  /** Lines of output; undefined if any will do. */
  output: string[] | undefined;
  exitCode: number;
}

const blockMsMost = 4 * 60_000;

/** Runs every marked block of a file against a server. */
export async function checkReadme(file: string, address: string): Promise<void> {
  heading(`What ${file} shows`);
  const path = inRoot(file);
  const blocks = existsSync(path) ? findBlocks(readFileSync(path, 'utf8')) : [];
  if (blocks.length === 0) return fail(`${file} has blocks to run`, 'none is marked `interop`');
  for (const block of blocks) {
    const text = atAddress(block.text, address);
    const name = `${file}:${block.line} ${block.language}`;
    const runBlock = runners[block.language];
    if (runBlock === undefined) fail(name, `no way to run ${block.language}`);
    else await runBlock(name, {...block, text}, {KRUSTY_ADDRESS: address});
  }
}

/** A block's text for a server that listens elsewhere. */
export function atAddress(text: string, address: string): string {
  return text.replaceAll(/\b(localhost|127\.0\.0\.1):7070\b/g, address);
}

/** The blocks of a Markdown text that have this mark. */
export function findBlocks(markdown: string, mark = 'interop'): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, fence, info] = /^(`{3,})(.*)$/.exec(lines[at]!) ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trimEnd() === fence);
    if (end < 0) break;
    const [language, ...marks] = info!.trim().split(/\s+/);
    if (language && marks.includes(mark)) {
      blocks.push({language, line: at + 2, text: lines.slice(at + 1, end).join('\n')});
    }
    at = end;
  }
  return blocks;
}

/** The commands of a shell block, with what is expected of each. */
export function parseShell(text: string): Command[] {
  const commands: Command[] = [];
  let joined = '';
  for (const line of text.split('\n')) {
    if (/^\s*(#.*)?$/.test(line)) {
      const last = commands.at(-1);
      if (last !== undefined) readExpectation(line, last);
      continue;
    }
    joined += line;
    if (joined.endsWith('\\')) {
      joined += '\n';
      continue;
    }
    const command: Command = {text: joined, output: undefined, exitCode: 0};
    readExpectation(line, command);
    commands.push(command);
    joined = '';
  }
  return commands;
}

function readExpectation(line: string, command: Command): void {
  const [, exitCode] = /(?:^|\s)# exit (\d+)\s*$/.exec(line) ?? [];
  if (exitCode !== undefined) command.exitCode = Number(exitCode);
  const [, output] = /(?:^|\s)# → ?(.*)$/.exec(line) ?? [];
  if (output !== undefined) command.output = [...(command.output ?? []), output];
}

/** Fails unless the output is what the lines say. */
export function compareOutput(output: string, lines: readonly string[]): void {
  const pattern = lines.map(line =>
    line.trim() === '…' ? '(?:.*\\n)*?' : `${line.trimEnd().split('…').map(escapeRegExp).join('.*')}[ \\t]*\\n`,
  );
  const text = output.endsWith('\n') || output === '' ? output : `${output}\n`;
  if (!new RegExp(`^${pattern.join('')}$`, 'u').test(text)) {
    assert.fail(`printed:\n${output}\ninstead of:\n${lines.join('\n')}`);
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

type Runner = (name: string, block: Block, env: Record<string, string>) => Promise<void>;

const runners: Record<string, Runner> = {
  sh: runShell,
  bash: runShell,
  async go(name, block, env) {
    const missing = await goMissing();
    if (missing !== undefined) return skip(name, missing);
    await makeGoStubs(goFolder);
    const file = writeBlock(join(goFolder, 'gen', 'readme', String(block.line), 'main.go'), block.text);
    const finished = run('go', ['run', file], {cwd: goFolder, env, timeoutMs: blockMsMost});
    await checkProgram(name, block, finished);
  },
  async python(name, block, env) {
    const missing = await pythonMissing();
    if (missing !== undefined) return skip(name, missing);
    const PYTHONPATH = await makePythonStubs();
    const file = writeBlock(inRoot('build', 'readme', `${block.line}.py`), block.text);
    const python = await pythonWithPackages();
    await checkProgram(name, block, run(python, [file], {env: {...env, PYTHONPATH}, timeoutMs: blockMsMost}));
  },
  async js(name, block, env) {
    const file = writeBlock(inRoot('build', 'readme', `${block.line}.mjs`), block.text);
    await checkProgram(name, block, run(process.execPath, [file], {env, timeoutMs: blockMsMost}));
  },
};

export function writeBlock(file: string, text: string): string {
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, text);
  return file;
}

async function checkProgram(name: string, {text}: Block, running: Promise<Finished>): Promise<void> {
  const {code, stdout, stderr} = await running;
  const expected = [...text.matchAll(/(?:^|\s)(?:#|\/\/) → ?(.*)$/gm)].map(([, line]) => line!);
  await check(name, () => {
    assert.equal(code, 0, stderr);
    if (expected.length > 0) compareOutput(stdout, expected);
  });
}

/** One bash for the block; after each command it prints a mark and the exit status, on both streams. */
async function runShell(name: string, {text}: Block, env: Record<string, string>): Promise<void> {
  const commands = parseShell(text);
  const mark = `=====${process.pid}=====`;
  const script = commands.flatMap(command => [
    command.text,
    `{ status=$?; printf '\\n${mark}%s\\n' "$status"; printf '\\n${mark}\\n' >&2; }`,
  ]);
  const needsGo = commands.some(command => /\b(go|grpcurl|ghz)\b/.test(command.text));
  const missing = needsGo ? await goMissing() : undefined;
  if (missing !== undefined) return skip(name, missing);

  const PATH = [inRoot('build', 'bin'), inRoot('build', 'readme', 'bin'), process.env.PATH].join(delimiter);
  linkKrusty();
  const {stdout, stderr, timedOut} = await run('bash', ['-c', script.join('\n')], {
    env: {...env, PATH},
    timeoutMs: blockMsMost,
  });
  const outputs = stdout.split(`\n${mark}`);
  const errors = stderr.split(`\n${mark}\n`);
  for (const [index, command] of commands.entries()) {
    await check(`${name}: ${command.text.replaceAll(/\s*#.*$|\s*\\\n\s*/gm, ' ').trim()}`, () => {
      const status = /^\d+\n/.exec(outputs[index + 1] ?? '')?.[0].trim();
      assert(status !== undefined, timedOut ? 'did not end in time' : `did not run\n${stderr}`);
      const output = index === 0 ? outputs[0]! : outputs[index]!.replace(/^\d+\n/, '');
      assert.equal(Number(status), command.exitCode, `exit ${status}\n${output}${errors[index] ?? ''}`);
      if (command.output !== undefined) compareOutput(output, command.output);
    });
  }
}

/** A `krusty` for the PATH, as `npm install --global` would put it there. */
function linkKrusty(): void {
  const file = inRoot('build', 'readme', 'bin', 'krusty');
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, `#!/bin/sh\nexec node '${inRoot('cli', 'krusty.js')}' "$@"\n`, {mode: 0o755});
}
