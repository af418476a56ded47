/**
 * Keys and values as text that is safe on a terminal and never ambiguous.
 *
 * Other people choose keys and values, so nothing of them that steers a terminal
 * (control characters, direction overrides) may reach one as it is.
 */
import {decodeUtf8, isUtf8} from '../../src/base/index.js';

/** Control characters, line and paragraph separators, direction overrides, and the invisible byte order mark. */
const unsafe = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const unsafeExceptLines = /(?!\n)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A text as a JSON string, with everything unsafe escaped. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(unsafe, escapeUnit);
}

/**
 * A text as one line: as it is where that is plain, else as a JSON string. No plain
 * text begins with a quotation mark, so the two cannot be mistaken for each other.
 */
export function oneLine(text: string): string {
  const isPlain = text !== '' && !text.startsWith('"') && text === text.trim() && text.search(unsafe) < 0;
  return isPlain ? text : quote(text);
}

/** Bytes as one line: text as in oneLine, anything else as `base64:` and the bytes in base64. */
export function bytesOnOneLine(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) return `base64:${Buffer.from(bytes).toString('base64')}`;
  const text = decodeUtf8(bytes);
  return text.startsWith('base64:') ? quote(text) : oneLine(text);
}

/** A message with its lines kept and everything else unsafe escaped. */
export function escapeControls(text: string): string {
  return text.replace(unsafeExceptLines, escapeUnit);
}

/** The text of a value if a terminal can show it as it is: UTF-8 with nothing unsafe but line ends and tabs. */
export function terminalText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = decodeUtf8(bytes);
  return text.replaceAll('\r\n', '\n').replaceAll('\t', ' ').search(unsafeExceptLines) < 0 ? text : undefined;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const bytesPerRow = 16;

/** The classic picture of bytes: offset, hexadecimal, ASCII. */
export function hexdump(bytes: Uint8Array): string {
  let dump = '';
  for (let offset = 0; offset < bytes.length; offset += bytesPerRow) {
    const row = bytes.subarray(offset, offset + bytesPerRow);
    const hex = Array.from(row, byte => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = Array.from(row, byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    dump += `${offset.toString(16).padStart(8, '0')}  ${hex.padEnd(3 * bytesPerRow - 1)}  ${ascii}\n`;
  }
  return dump;
}
