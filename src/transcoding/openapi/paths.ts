/**
 * Path templates as OpenAPI writes them. It knows parameters of one segment alone, so a
 * variable of several is written out: `{name=shelves/*\/books/*}` becomes
 * `/shelves/{name.1}/books/{name.2}`. What `**` matches is one parameter whose slashes are
 * not escaped, which `x-multi-segment` says since OpenAPI cannot.
 *
 * OpenAPI also wants one spelling for all methods of a path: the first that comes.
 */

import type {Route} from '../routes.js';
import type {Segment} from '../template.js';

export interface PathParameter {
  name: string;
  /** Its place among the variables of the route; undefined for a segment that no variable keeps. */
  variable: number | undefined;
  /** Its segment, counted from the first of its variable. */
  offset: number;
  /** Whether it is the whole of its variable, rather than one segment of several. */
  isWhole: boolean;
  isMultiSegment: boolean;
}

export interface DocumentedPath {
  path: string;
  parameters: readonly PathParameter[];
}

/** Gives each path one spelling. */
export class Paths {
  readonly #spellings = new Map<string, DocumentedPath>();

  of({template}: Route): DocumentedPath {
    const parameters: PathParameter[] = [];
    const segments = template.segments.map((segment, index) => {
      if (segment.kind === 'literal') return encodeURIComponent(segment.text);
      parameters.push(parameterAt(index, segment, template, parameters.length));
      return '{}';
    });
    const verb = template.verb === '' ? '' : `:${encodeURIComponent(template.verb)}`;
    const shape = `/${segments.join('/')}${verb}`;
    const first = this.#spellings.get(shape) ?? {path: fill(shape, parameters), parameters};
    this.#spellings.set(shape, first);
    return {
      path: first.path,
      parameters: parameters.map((each, index) => ({...each, name: first.parameters[index]!.name})),
    };
  }
}

function parameterAt(
  index: number,
  segment: Segment,
  {variables, segments}: Route['template'],
  count: number,
): PathParameter {
  const variable = variables.findIndex(({start, end}) => start <= index && index < end);
  const isMultiSegment = segment.kind === 'rest';
  const found = variables[variable];
  if (!found) {
    return {name: `segment.${count + 1}`, variable: undefined, offset: 0, isWhole: false, isMultiSegment};
  }
  const {start, end, fieldPath} = found;
  const isWhole = end - start === 1;
  const number = segments.slice(start, index + 1).filter(each => each.kind !== 'literal').length;
  const name = isWhole ? fieldPath : `${fieldPath}.${number}`;
  return {name, variable, offset: index - start, isWhole, isMultiSegment};
}

function fill(shape: string, parameters: readonly PathParameter[]): string {
  let index = 0;
  return shape.replaceAll('{}', () => `{${parameters[index++]!.name}}`);
}

/** The text of a parameter, from that of its variable. */
export function textOfParameter({isWhole, isMultiSegment, offset}: PathParameter, text: string): string {
  if (isWhole) return text;
  const parts = text.split('/');
  // In a variable of several segments an escaped slash stays escaped.
  return isMultiSegment ? parts.slice(offset).join('/') : parts[offset]!.replaceAll(/%2f/gi, '/');
}
