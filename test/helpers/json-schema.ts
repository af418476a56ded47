/** JSON Schema as OpenAPI 3.1 has it (draft 2020-12), judged by ajv. */
import {Ajv2020} from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type {Part} from '../../src/transcoding/index.js';

type Document = {components?: unknown};

type Check = (value: unknown) => string | undefined;

/** Compiling takes longest, and tables ask for the same schema again and again. */
const compiled = new WeakMap<Part, Check>();

/** A check for values of a schema that may refer to the components of its document; it answers what is wrong. */
export function compileSchema({components}: Document, schema: Part): Check {
  const known = compiled.get(schema);
  if (known) return known;
  const ajv = new Ajv2020({strict: false, logger: false});
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  const validate = ajv.compile(JSON.parse(JSON.stringify({...schema, components})));
  const check: Check = value => (validate(value) ? undefined : ajv.errorsText(validate.errors));
  compiled.set(schema, check);
  return check;
}

/** The same with every object closed, so that nothing undocumented passes. */
export function closed<T>(part: T): T {
  if (Array.isArray(part)) return part.map(closed) as T;
  if (typeof part !== 'object' || part === null) return part;
  const copy = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  const isObject = copy.type === 'object' && copy.properties && !copy.properties['@type'];
  return (isObject ? {additionalProperties: false, ...copy} : copy) as T;
}
