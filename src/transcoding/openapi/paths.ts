/**
 * Path templates as OpenAPI writes them. It knows parameters of one segment alone, so a
 * variable of several is written out: `{name=shelves/*\/books/*}` becomes
 * `/shelves/{name.1}/books/{name.2}`. What `**` matches is one parameter whose slashes are
 * not escaped, which `x-multi-segment` says since OpenAPI cannot.
 *
 * OpenAPI also wants one spelling for all methods of a path: the first that comes.
 */

import {decodePercentButSlashes} from '../percent.js';
import type {Route} from '../routes.js';
import type {Segment} from '../template.js';

export interface PathParameter {
  name: string;
  /** Its place among the variables of the route; undefined for a segment that no variable keeps. */
  variable: number | undefined;
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
  if (!found) return {name: `segment.${count + 1}`, variable: undefined, isWhole: false, isMultiSegment};
  const {start, end, fieldPath} = found;
  const isWhole = end - start === 1;
  const number = segments.slice(start, index + 1).filter(each => each.kind !== 'literal').length;
  return {name: isWhole ? fieldPath : `${fieldPath}.${number}`, variable, isWhole, isMultiSegment};
}

function fill(shape: string, parameters: readonly PathParameter[]): string {
  let index = 0;
  return shape.replaceAll('{}', () => `{${parameters[index++]!.name}}`);
}

/** The text that a parameter has in an example, from that of its variable. */
export function textOfParameter(parameter: PathParameter, {template}: Route, text: string): string {
  if (parameter.isWhole) return text;
  const {start} = template.variables[parameter.variable!]!;
  const open = template.segments
    .slice(start)
    .map(({kind}, index) => ({kind, index}))
    .filter(({kind}) => kind !== 'literal');
  const number = Number(parameter.name.split('.').at(-1)) - 1;
  const {kind, index} = open[number]!;
  const parts = text.split('/');
  return decodePercentButSlashes((kind === 'rest' ? parts.slice(index) : [parts[index]!]).join('/'));
}
