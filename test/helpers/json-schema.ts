/** JSON Schema as OpenAPI 3.1 has it (draft 2020-12), judged by ajv. */
import {Ajv2020} from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type {Part} from '../../src/transcoding/index.js';

type Check = (value: unknown) => string | undefined;

/** Reading a whole document takes longest, so it is done once for each. */
const judges = new WeakMap<object, Ajv2020>();

/** A check for values of a schema that may refer to the components of its document; it answers what is wrong. */
export function compileSchema(document: {components: object}, schema: Part): Check {
  const ajv = judges.get(document.components) ?? judgeOf(document);
  // The schema is compiled by itself, so that what it refers to is in another document.
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/');
  const validate = ajv.compile(JSON.parse(text));
  return value => (validate(value) ? undefined : ajv.errorsText(validate.errors));
}

function judgeOf({components}: {components: object}): Ajv2020 {
  const ajv = new Ajv2020({strict: false, logger: false});
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema(JSON.parse(JSON.stringify({components})), 'document');
  judges.set(components, ajv);
  return ajv;
}

/** The same with every object closed, so that nothing undocumented passes. */
export function closed<T>(part: T): T {
  if (Array.isArray(part)) return part.map(closed) as T;
  if (typeof part !== 'object' || part === null) return part;
  const copy = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  const isObject = copy.type === 'object' && copy.properties && !copy.properties['@type'];
  return (isObject ? {additionalProperties: false, ...copy} : copy) as T;
}
