/**
 * Routes from the google.api.http annotations of a service's methods
 * (google/api/http.proto), checked when a server starts: whatever an annotation gets
 * wrong is found here, with the method and the template in the error, and never by a
 * request. Each rule and each of its additional_bindings is a route.
 */
import {
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  getExtension,
  hasExtension,
} from '@bufbuild/protobuf';
import {type FieldPath, isNested, resolveFieldPath, textReaderOf} from './fields.js';
import {type PathTemplate, parseTemplate} from './template.js';

/** One way to call a method over HTTP. */
export interface Route {
  rpc: DescMethod;
  /** The HTTP method; `*` for all that have no route of their own. */
  method: string;
  template: PathTemplate;
  /** The fields that the template's variables set, in their order. */
  variables: readonly FieldPath[];
  /** What the request's body holds: the whole message, one field of it, or nothing. */
  body: '*' | DescField | undefined;
  /** The field of the response that is answered; undefined for all of it. */
  responseBody: DescField | undefined;
}

/** A google.api.http annotation that cannot be served. */
export class AnnotationError extends Error {
  constructor(rpc: DescMethod, template: string | undefined, problem: string, cause?: unknown) {
    super(`${rpc.parent.typeName}.${rpc.name}${template === undefined ? '' : `, "${template}"`}: ${problem}`, {cause});
    this.name = 'AnnotationError';
  }
}

/** The routes of a method; none if it has no annotation. Throws an AnnotationError. */
export function routesOf(rpc: DescMethod, registry: FileRegistry): Route[] {
  const annotation = registry.getExtension('google.api.http');
  const options = rpc.proto.options;
  if (!annotation || !options || !hasExtension(options, annotation)) return [];
  const rule = readRule(options, annotation);
  if (rpc.methodKind === 'client_streaming' || rpc.methodKind === 'bidi_streaming') {
    throw new AnnotationError(rpc, patternOf(rule)?.path, 'a stream of requests cannot be sent over HTTP with JSON');
  }
  return [rule, ...rule.additionalBindings].map(each => makeRoute(rpc, each, each !== rule));
}

/** A google.api.HttpRule. */
interface HttpRule {
  pattern:
    | {case: 'get' | 'put' | 'post' | 'delete' | 'patch'; value: string}
    | {case: 'custom'; value: {kind: string; path: string}}
    | {case: undefined};
  body: string;
  responseBody: string;
  additionalBindings: HttpRule[];
}

/** The annotation's type is known from the image alone, hence the cast. */
function readRule(options: NonNullable<DescMethod['proto']['options']>, annotation: DescExtension): HttpRule {
  return getExtension(options, annotation) as unknown as HttpRule;
}

function patternOf({pattern}: HttpRule): {method: string; path: string} | undefined {
  if (pattern.case === undefined) return undefined;
  if (pattern.case === 'custom') return {method: pattern.value.kind, path: pattern.value.path};
  return {method: pattern.case.toUpperCase(), path: pattern.value};
}

function makeRoute(rpc: DescMethod, rule: HttpRule, isAdditional: boolean): Route {
  const pattern = patternOf(rule);
  const fail = (problem: string, cause?: unknown): never => {
    throw new AnnotationError(rpc, pattern?.path, problem, cause);
  };
  if (!pattern) return fail('the rule has no pattern: one of get, put, post, delete, patch, custom');
  const {method, path} = pattern;
  if (!/^(\*|[A-Z][A-Z-]*)$/.test(method)) fail(`"${method}" is no HTTP method`);
  if (isAdditional && rule.additionalBindings.length > 0) fail('additional_bindings cannot be nested');
  if (rule.body && ['GET', 'HEAD', 'DELETE'].includes(method)) fail(`${method} has no body`);

  const template = readTemplate(path, fail);
  const variables = template.variables.map(variable => boundField(rpc.input, variable.fieldPath, fail));
  const body = rule.body === '*' ? '*' : topLevelField(rpc.input, 'body', rule.body, fail);
  const responseBody = topLevelField(rpc.output, 'response_body', rule.responseBody, fail);
  if (variables.some(variable => variable.name === rule.body)) fail(`"${rule.body}" is bound by path and body`);
  return {rpc, method, template, variables, body, responseBody};
}

type Fail = (problem: string, cause?: unknown) => never;

function readTemplate(path: string, fail: Fail): PathTemplate {
  try {
    return parseTemplate(path);
  } catch (error) {
    return fail((error as Error).message, error);
  }
}

function boundField(message: DescMessage, name: string, fail: Fail): FieldPath {
  const found = resolveFieldPath(message, name);
  if ('problem' in found) return fail(`variable "${name}" of ${message.typeName}: ${found.problem}`);
  const field = found.fields.at(-1)!;
  if (found.name !== name) fail(`variable "${name}": the field is called "${found.name}"`);
  if (field.fieldKind === 'list' || isNested(field) || !textReaderOf(field)) {
    fail(`variable "${name}" of ${message.typeName}: a path cannot hold a ${describeKind(field)}`);
  }
  return found;
}

function topLevelField(message: DescMessage, option: string, name: string, fail: Fail): DescField | undefined {
  if (name === '') return undefined;
  const field = message.fields.find(each => each.name === name);
  return field ?? fail(`${option} "${name}": ${message.typeName} has no such field`);
}

function describeKind(field: DescField): string {
  return field.fieldKind === 'list' ? 'repeated field' : (field.message?.typeName ?? field.fieldKind);
}
