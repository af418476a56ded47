/**
 * The message of a request that is no more than a path with texts in it, which most are:
 * written at once, since no text can be wrong.
 */
import {type DescField, ScalarType} from '@bufbuild/protobuf';
import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {FeatureSet_FieldPresence as Presence} from '@bufbuild/protobuf/wkt';
import type {Route} from './routes.js';

/** Used again and again, for its memory. */
const writer = new BinaryWriter();

/** The message with these bindings; undefined for one that is no text after all. */
export type PathTexts = (bindings: readonly string[]) => Uint8Array | undefined;

/** Undefined if a variable of the route is anything but a text of the message itself. */
export function pathTextsOf({variables}: Route): PathTexts | undefined {
  if (!variables.every(({fields}) => fields.length === 1 && isText(fields[0]!))) return undefined;
  const texts = variables
    .map(({fields}, index) => ({field: fields[0]!, index}))
    .sort((left, right) => left.field.number - right.field.number);
  return bindings => {
    if (!bindings.every(text => text.isWellFormed())) return undefined;
    for (const {field, index} of texts) {
      const text = bindings[index]!;
      if (text === '' && field.presence === Presence.IMPLICIT) continue;
      writer.tag(field.number, WireType.LengthDelimited).string(text);
    }
    // In Node's pool, since its reader would have to move a small array of its own there.
    return Buffer.from(writer.finish());
  };
}

function isText(field: DescField): boolean {
  return field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING;
}
