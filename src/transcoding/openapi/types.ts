/** The parts of an OpenAPI 3.1 document that this folder makes; whatever else there is may stand beside them. */
import type {JsonObject, JsonValue} from '@bufbuild/protobuf';

/** An object of the document; what is undefined in it is left out. */
export interface Part {
  [name: string]: unknown;
}

/** A JSON Schema of draft 2020-12, or a reference to one, with other keywords beside it. */
export type Schema = Part;

/**
 * Where a value stands: in the JSON of a request, which may be written in several ways;
 * as text in a path or a query; or in the JSON of a response, which is written in one.
 */
export type Use = 'input' | 'text' | 'output';

export interface Parameter extends Part {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: Schema;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string | undefined;
  parameters?: Parameter[] | undefined;
  requestBody?: Part | undefined;
  responses: Part;
}

/** Operations by their HTTP method in lower case. */
export type PathItem = Record<string, Operation>;

/** What a caller may expect of a route. Fields have their JSON names. */
export interface Example {
  /** The request message; its fields are shown where the route takes them from. */
  request: JsonObject;
  /** The response message, or the field of it that is answered; of a stream the first. */
  response: JsonValue;
}

/** The part of a document that routes and descriptors give. */
export interface ApiDescription {
  paths: Record<string, PathItem>;
  components: {schemas: Record<string, Schema>; responses: Record<string, Part>};
  tags: {name: string; description: string}[];
}
