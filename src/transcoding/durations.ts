/**
 * Refuses a google.protobuf.Duration with something behind its `s`. @bufbuild/protobuf
 * reads the beginning and passes over the rest, so that `1s500ms` would be one second.
 */
import type {DescField, DescMessage, JsonValue} from '@bufbuild/protobuf';
import {fieldNamed} from './fields.js';

const durationForm = /^-?[0-9]+(?:\.[0-9]+)?s$/;

/** `json` is what fromJson has read. Throws an Error. */
export function checkDurations(type: DescMessage, json: JsonValue): void {
  if (type.typeName === 'google.protobuf.Duration') {
    checkDuration(json);
  } else if (isObject(json)) {
    for (const [name, value] of Object.entries(json)) {
      const field = fieldNamed(type, name);
      if (field?.message) for (const each of valuesOf(field, value)) checkDurations(field.message, each);
    }
  }
}

function checkDuration(json: JsonValue): void {
  if (typeof json === 'string' && !durationForm.test(json)) {
    throw new Error(`cannot decode message google.protobuf.Duration from JSON: ${JSON.stringify(json)}`);
  }
}

/** The messages that a field holds. */
function valuesOf({fieldKind}: DescField, value: JsonValue): readonly JsonValue[] {
  if (fieldKind === 'list') return Array.isArray(value) ? value : [];
  if (fieldKind === 'map') return isObject(value) ? Object.values(value) : [];
  return [value];
}

function isObject(json: JsonValue): json is {[name: string]: JsonValue} {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
