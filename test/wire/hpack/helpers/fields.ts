/** Fields of a block as `name: value`. */
import type {HpackDecoder} from '../../../../src/wire/hpack/decoder.js';

/** One buffer for all that is received, as in a server: nothing may be kept of it. */
const received = Buffer.alloc(2 ** 16);

export function decodeAll(decoder: HpackDecoder, block: Uint8Array): string[] {
  const fields: string[] = [];
  received.set(block);
  decoder.decode(received, 0, block.length, {
    field: ({name, value}) => void fields.push(`${name.text}: ${value}`),
  });
  return fields;
}
