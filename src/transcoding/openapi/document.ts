/**
 * Routes as the paths and components of an OpenAPI 3.1 document: what the transcoder
 * serves, told by the same descriptors that it serves with, their comments included if
 * the descriptor set was built with source information.
 *
 * What OpenAPI cannot say is said with `x-` keywords: a method of HTTP that it does not
 * know is found under `x-methods`.
 */
import {isHttpBody} from '../binder.js';
import {jsonType} from '../media-types.js';
import type {Route} from '../routes.js';
import {requestBodyOf, responseOf} from './bodies.js';
import {commentOf, splitComment} from './comments.js';
import {parametersOf, type RouteParts} from './parameters.js';
import {Paths} from './paths.js';
import {type Refinements, Schemas} from './schemas.js';
import {statusName, statusReference, statusSchema} from './status-schema.js';
import type {ApiDescription, Example, Operation, Part, PathItem} from './types.js';

export interface OpenApiOptions {
  /** A Transcoder's. */
  routes: readonly Route[];
  /** What schemas say besides: bounds, required fields. Their keywords come last. */
  refinements?: Refinements;
  examples?: (route: Route) => Example | undefined;
  /** HTTP statuses that methods answer besides those of the transcoder, and what they mean. */
  errors?: Readonly<Record<number, string>>;
}

/** How the transcoder itself refuses; 413 and 415 only where there is a body. */
const refusals: Readonly<Record<number, string>> = {
  400: 'Something in the request is wrong: `details` names what.',
  406: 'The answer cannot have a type that `Accept` allows.',
  413: 'The body is too large.',
  415: 'The body is not of a type that is taken here.',
};
const ofBodies = ['413', '415'];

export function openApi({routes, refinements = {}, examples, errors = {}}: OpenApiOptions): ApiDescription {
  const schemas = new Schemas({
    inputs: routes.flatMap(({rpc, body}) => (body === undefined ? [] : rpc.input)),
    outputs: routes.map(({rpc}) => rpc.output),
    refinements,
  });
  const paths = new Paths();
  const items: Record<string, PathItem> = {};
  const ids = new OperationIds();
  for (const route of routes) {
    const documented = paths.of(route);
    const example = examples?.(route);
    const parts = {route, documented, schemas, example: example?.request};
    const operation = {...operationOf(parts, example, Object.keys(errors)), operationId: ids.next(route)};
    items[documented.path] ??= {};
    put(items[documented.path]!, route.method, operation);
  }
  const statuses = Object.entries({...refusals, ...errors});
  return {
    paths: items,
    components: {
      schemas: {...schemas.components(), [statusName]: statusSchema},
      responses: {
        ...Object.fromEntries(statuses.map(([status, description]) => [`Error${status}`, failure(description)])),
        Error: failure('The call failed.'),
      },
    },
    tags: tagsOf(routes),
  };
}

function operationOf(
  parts: RouteParts,
  example: Example | undefined,
  errors: readonly string[],
): Omit<Operation, 'operationId'> {
  const {rpc} = parts.route;
  const {first, rest} = splitComment(commentOf(rpc));
  const parameters = parametersOf(parts);
  const requestBody = requestBodyOf(parts);
  return {
    tags: [rpc.parent.name],
    summary: first || rpc.name,
    description: rest || undefined,
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody,
    responses: {200: responseOf(parts, example?.response), ...failuresOf(parts.route, errors)},
  };
}

function failuresOf({rpc, body, responseBody}: Route, errors: readonly string[]): Part {
  const own = Object.keys(refusals).filter(
    status => (body || !ofBodies.includes(status)) && (status !== '406' || !isHttpBody(responseBody ?? rpc.output)),
  );
  const statuses = [...new Set([...own, ...errors])];
  const reference = (name: string): Part => ({$ref: `#/components/responses/${name}`});
  return {
    ...Object.fromEntries(statuses.map(status => [status, reference(`Error${status}`)])),
    default: reference('Error'),
  };
}

function failure(description: string): Part {
  return {description, content: {[jsonType]: {schema: statusReference}}};
}

const knownMethods = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

function put(item: PathItem, method: string, operation: Operation): void {
  if (knownMethods.includes(method)) {
    item[method.toLowerCase()] = operation;
  } else {
    const others = (item['x-methods'] ?? {}) as unknown as Record<string, Operation>;
    item['x-methods'] = {...others, [method]: operation} as unknown as Operation;
  }
}

/** `Service_Method`, and for its further bindings `Service_Method_2` and so on. */
class OperationIds {
  readonly #counts = new Map<string, number>();

  next({rpc}: Route): string {
    const name = `${rpc.parent.name}_${rpc.name}`;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  }
}

function tagsOf(routes: readonly Route[]): ApiDescription['tags'] {
  const services = new Set(routes.map(({rpc}) => rpc.parent));
  return [...services].map(service => ({name: service.name, description: commentOf(service)}));
}
