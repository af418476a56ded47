/** Schemas in words: what a value is, and within which bounds. Nothing here touches the page. */

const refPrefix = '#/components/schemas/';

/** The name of the schema that is referred to; undefined if it is one of its own. */
export function refName({$ref}) {
  return $ref?.startsWith(refPrefix) ? $ref.slice(refPrefix.length) : undefined;
}

/** A full name without its package: `krusty.cache.v1.GetResponse.Outcome` is `GetResponse.Outcome`. */
export function shortName(name) {
  return (
    name
      .split('.')
      .filter(part => /^[A-Z]/.test(part))
      .join('.') || name
  );
}

/**
 * What a value is, as texts and, for schemas with a name, `{name}`. Null is left out: the
 * introduction says what it means.
 */
export function typeOf(schema) {
  const name = refName(schema);
  if (name !== undefined) return [{name}];
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.type === undefined && choices) {
    const parts = choices.filter(({type}) => type !== 'null').map(typeOf);
    return parts.flatMap((part, index) => (index === 0 ? part : [' or ', ...part]));
  }
  if (schema.type === undefined && schema.enum) return [schema.enum.map(String).join(' or ')];
  if (schema.type === undefined) return ['anything'];
  const types = [schema.type].flat().filter(type => type !== 'null');
  const [first, ...others] = types;
  return [...oneType(first, schema), ...others.map(type => ` or ${type}`)];
}

function oneType(type, {items, additionalProperties, format, contentEncoding}) {
  if (type === 'array' && items) return ['list of ', ...typeOf(items)];
  if (type === 'object' && typeof additionalProperties === 'object')
    return ['map to ', ...typeOf(additionalProperties)];
  const kind = contentEncoding ?? (type === 'string' && format === 'date-time' ? 'RFC 3339' : format);
  return [kind === undefined ? type : `${type} (${kind})`];
}

/** The bounds of a value, each in a few words. */
export function boundsOf(schema) {
  const {minimum, maximum, default: usual, enum: values, type} = schema;
  const is32Bit = /^u?int32$/.test(schema.format ?? '') && (maximum === 2 ** 31 - 1 || maximum === 2 ** 32 - 1);
  const is64Bit = /^u?int64$/.test(schema.format ?? '') && maximum > 2 ** 62;
  const numbers = is32Bit || is64Bit ? range(minimum > 0 ? minimum : undefined, undefined) : range(minimum, maximum);
  return [
    numbers,
    range(schema.minLength, schema.maxLength, 'characters'),
    range(schema.minItems, schema.maxItems, 'items'),
    values && type !== undefined
      ? `one of ${values.map(value => (value === '' ? '""' : value)).join(', ')}`
      : undefined,
    usual === undefined ? undefined : `${usual} if not given`,
    schema.examples ? `such as ${schema.examples.join(' or ')}` : undefined,
  ].filter(text => text !== undefined);
}

function range(least, most, unit = '') {
  const behind = unit === '' ? '' : ` ${unit}`;
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `at least ${least}${behind}`;
  if (least === undefined) return `at most ${most}${behind}`;
  return `${least} to ${most}${behind}`;
}
