/**
 * HTTP with JSON for any gRPC service whose methods carry google.api.http: the door of
 * this room, and the module `krusty-kache/transcoding`. The Transcoder is the whole;
 * its parts can be used alone.
 */

export {Binder, type BinderInput, type BinderOptions} from './binder.js';
export {type Schedule, systemSchedule} from './deadline.js';
export type {FieldPath} from './fields.js';
export {type MetadataName, type RequestHeaders, usualMetadataName} from './headers.js';
export {fromIterable} from './iterable-stream.js';
export {
  type ApiDescription,
  type Example,
  type OpenApiOptions,
  type Operation,
  openApi,
  type Parameter,
  type Part,
  type PathItem,
  type Refinements,
  type Schema,
  type Use,
} from './openapi/index.js';
export {anyMethod, type Match, Router} from './router.js';
export {AnnotationError, type Route, routesOf} from './routes.js';
export {
  Code,
  httpStatusOf,
  type PackedDetail,
  type RefusalReason,
  RequestError,
  type Status,
  StatusError,
} from './status.js';
export {
  type PathTemplate,
  parseTemplate,
  type Segment,
  TemplateError,
  type TemplateVariable,
} from './template.js';
export {Transcoder, type TranscoderOptions} from './transcoder.js';
export type {
  Call,
  OutStream,
  ResponseSink,
  ServedMethod,
  ServerStreamMethod,
  TranscoderRequest,
  UnaryMethod,
} from './types.js';
