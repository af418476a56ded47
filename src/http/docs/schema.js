/** Schemas as elements: the type of a value, and the fields of an object. */
import {element} from '../ui/dom.js';
import {boundsOf, refName, shortName, typeOf} from './describe.js';
import {blocks, inline} from './text.js';

export function schemaId(name) {
  return `schema-${name}`;
}

/** What a value is, with links to what is described elsewhere. */
export function typeElement(schema) {
  const parts = typeOf(schema).map(part =>
    typeof part === 'string' ? part : element('a', {href: `#${schemaId(part.name)}`}, shortName(part.name)),
  );
  return element('span', {class: 'type'}, ...parts);
}

/** A list of things with names, types and words: parameters, or the fields of an object. */
export function fieldList(fields) {
  return element('dl', {class: 'fields'}, ...fields.map(fieldRow));
}

function fieldRow({name, schema, description, isRequired, otherName, place}) {
  const notes = [place, isRequired ? 'required' : undefined, ...boundsOf(schema)].filter(Boolean);
  return element(
    'div',
    {},
    element(
      'dt',
      {},
      element('code', {}, name),
      ' ',
      typeElement(schema),
      otherName === undefined ? undefined : element('span', {class: 'quiet'}, ' also ', element('code', {}, otherName)),
      notes.length === 0 ? undefined : element('span', {class: 'quiet'}, ` ${notes.join('; ')}`),
    ),
    element('dd', {}, ...inline(description)),
  );
}

/** A schema written out as far as it has fields of its own. */
export function schemaBody(schema) {
  const properties = Object.entries(schema.properties ?? {});
  if (refName(schema) !== undefined || properties.length === 0) return [typeElement(schema)];
  const exclusive = (schema['x-at-most-one-of'] ?? []).map(names =>
    element('p', {class: 'quiet'}, ...inline(`At most one of ${names.map(name => `\`${name}\``).join(', ')}.`)),
  );
  const rows = properties.map(([name, field]) => ({
    name,
    schema: field,
    description: field.description,
    isRequired: schema.required?.includes(name),
    otherName: field['x-proto-name'],
  }));
  return [...exclusive, fieldList(rows)];
}

/** A named schema, folded. */
export function schemaEntry(name, schema) {
  const words = schema.enum ? blocks(schema.description) : [...blocks(schema.description), ...schemaBody(schema)];
  return element(
    'details',
    {id: schemaId(name)},
    element('summary', {}, element('code', {title: name}, shortName(name))),
    ...words,
  );
}
