/** OpenAPI from routes: the parts of this folder that others use. */
export {type OpenApiOptions, openApi} from './document.js';
export type {Refinements} from './schemas.js';
export type {ApiDescription, Example, Operation, Parameter, Part, PathItem, Schema, Use} from './types.js';
