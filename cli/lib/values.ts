/**
 * Values in and out as exact bytes.
 *
 * In: from an argument, `-` (stdin) or `@FILE`, read up to the largest value that
 * any server takes, so that an endless input cannot fill the memory. Out: to a file
 * or a pipe nothing is added; to a terminal goes text, or a dump of what is not.
 */
import {createReadStream} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import {encodeUtf8, formatBytes, limits} from '../../src/base/index.js';
import {CliError, usageError} from './errors.js';
import {hexdump, quote, terminalText} from './text.js';

/** The bytes that an argument stands for. */
export async function readValue(argument: string): Promise<Uint8Array> {
  if (argument === '-') return readInput('-');
  if (argument.startsWith('@')) return readInput(argument.slice(1));
  return textValue(argument);
}

/** The bytes of a text as it is typed. */
export function textValue(text: string): Uint8Array {
  return encodeUtf8(text)!; // arguments of a process are well formed
}

/** All bytes of a file, or of stdin for `-`. */
export async function readInput(path: string, bytesMost: number = limits.valueBytesMost): Promise<Uint8Array> {
  const name = path === '-' ? 'stdin' : `the file ${quote(path)}`;
  if (path === '-' && process.stdin.isTTY) process.stderr.write('reading stdin; end it with Ctrl-D\n');
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMost) throw usageError(`${name} has more than ${formatBytes(bytesMost)}, which is the most`);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw usageError(`${name} cannot be read: ${(error as Error).message}`);
  }
  return Buffer.concat(chunks);
}

export async function writeFileExactly(path: string, value: Uint8Array): Promise<void> {
  try {
    await writeFile(path, value);
  } catch (error) {
    throw new CliError(`the file ${quote(path)} cannot be written: ${(error as Error).message}`);
  }
}

const dumpedBytesMost = 256;

/** A value for a terminal, and what to say about it where that is not the value itself. */
export function terminalPicture(value: Uint8Array): {picture: string; notice?: string} {
  const text = terminalText(value);
  if (text !== undefined) return {picture: text.endsWith('\n') || text === '' ? text : `${text}\n`};
  const first = value.length > dumpedBytesMost ? `, of which these are the first ${dumpedBytesMost}` : '';
  return {
    picture: hexdump(value.subarray(0, dumpedBytesMost)),
    notice: `${value.length.toLocaleString('en')} bytes that are not plain text${first}; -o FILE or a pipe gets them exactly`,
  };
}
