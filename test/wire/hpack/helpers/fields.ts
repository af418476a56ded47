/** Fields of a block as `name: value`. */
import type {HpackDecoder} from '../../../../src/wire/hpack/decoder.js';

export function decodeAll(decoder: HpackDecoder, block: Uint8Array): string[] {
  const fields: string[] = [];
  const bytes = Buffer.from(block);
  decoder.decode(bytes, 0, bytes.length, {
    field: ({name, value}) => void fields.push(`${name.text}: ${value}`),
  });
  return fields;
}
