/**
 * Base64 of large bytes fields. Where arrays have none of their own (Node before 25),
 * @bufbuild/protobuf makes it character by character, and 1 MiB would hold up
 * everything else for a tenth of a second. So large bytes are taken out of a message
 * before it becomes JSON, and put into the JSON by Buffer, which is fast.
 */
import {type DescField, type JsonValue, ScalarType} from '@bufbuild/protobuf';
import {isReflectList, isReflectMap, isReflectMessage} from '@bufbuild/protobuf/reflect';

/** Fewer bytes are not worth the walk. */
export const largeBytesLeast = 4096;

/** Completes the JSON of what was emptied. */
type Complete = (json: JsonValue) => JsonValue;

/** Empties the large bytes of a reflected value, those inside it as well; undefined if there are none. */
export function takeLargeBytes(value: unknown, empty: (nothing: Uint8Array) => void = () => {}): Complete | undefined {
  if (value instanceof Uint8Array) {
    if (value.length < largeBytesLeast) return undefined;
    empty(new Uint8Array());
    return () => Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  }
  const completes = partsOf(value).flatMap(({key, part, replace}) => {
    const complete = takeLargeBytes(part, replace);
    return complete ? [{key, complete}] : [];
  });
  if (completes.length === 0) return undefined;
  return json => {
    const parts = json as Record<string, JsonValue>;
    for (const {key, complete} of completes) parts[key] = complete(parts[key]!);
    return json;
  };
}

interface Part {
  /** Where it is in the JSON. */
  key: string;
  part: unknown;
  replace: (nothing: Uint8Array) => void;
}

/** What may hold bytes in a message, a list or a map. */
function partsOf(value: unknown): Part[] {
  if (isReflectMessage(value)) {
    return value.fields
      .filter(field => mayHoldBytes(field) && value.isSet(field))
      .map(field => ({
        key: field.jsonName,
        part: value.get(field),
        replace: nothing => value.set(field, nothing),
      }));
  }
  if (isReflectList(value)) {
    return [...value].map((part, index) => ({
      key: String(index),
      part,
      replace: nothing => value.set(index, nothing),
    }));
  }
  if (!isReflectMap(value)) return [];
  return [...value].map(([key, part]) => ({key: String(key), part, replace: nothing => value.set(key, nothing)}));
}

/** Google's own types have a JSON of their own, where fields are not found by name. */
function mayHoldBytes({scalar, message}: DescField): boolean {
  return scalar === ScalarType.BYTES || (message !== undefined && !message.typeName.startsWith('google.protobuf.'));
}
