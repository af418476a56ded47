/**
 * The OpenAPI document of this server: the JSON routes as the transcoder serves them, the
 * plain keys and own paths as they are described by hand. It is made when it is first asked for.
 */
import {type OpenApiOptions, openApi, type Part, type Route} from '../../transcoding/index.js';
import {type Bounds, boundsOf} from './json-bounds.js';
import {exampleOf} from './json-examples.js';
import {plainPaths, plainTags} from './plain-operations.js';

export interface DocumentOptions extends Bounds {
  routes: readonly Route[];
  /** Of the server. */
  version: string;
}

const description = `A cache. Plain keys are the quickest way in: \`PUT /greeting\` stores a body, \`GET /greeting\` fetches it. Under \`/v1\` is every method of the gRPC contract as JSON.

- JSON is that of Protobuf: 64-bit numbers are texts, bytes are base64, a field that has its default is left out. A field may be given as JSON names it (\`pageSize\`) or as the contract does (\`page_size\`, said by \`x-proto-name\`); comments use the names of the contract. Where a schema allows null, it means that the field is not set.
- A key in a path is percent-encoded; under \`/v1\` its slashes too.
- Whatever serves GET serves HEAD, and every path tells its methods to OPTIONS; another method is 405 with \`Allow\`.
- A call ends after \`Grpc-Timeout\` (\`500m\` is 500 milliseconds) or \`X-Server-Timeout\` (seconds) with 504, if it has one.
- A failure is a google.rpc.Status with a stable \`reason\` in its details. Unknown parameters and fields are 400, and are named.`;

const errors: OpenApiOptions['errors'] = {
  403: 'A page of another origin must not do this, or the Host is a foreign one.',
  404: 'There is no such namespace.',
  429: 'There are too many of these, such as watches.',
  503: 'The server is going away.',
  504: 'The time of the call was up.',
};

/** Failures of plain keys and own paths alone. */
const plainErrors = {
  NoEntry: 'There is no such entry, or no such namespace.',
  Error409: 'The server keeps no history of changes.',
  Error412: 'The entry is not as `If-Match` or `If-None-Match` demands.',
};

export function makeDocument({routes, version, ...bounds}: DocumentOptions): Part {
  const {paths, components, tags} = openApi({routes, refinements: boundsOf(bounds), examples: exampleOf, errors});
  const content = components.responses.Error!.content;
  const plain = Object.entries(plainErrors).map(([name, text]) => [name, {description: text, content}]);
  return {
    openapi: '3.1.1',
    info: {title: 'Krusty Kache', version, description, license: {name: 'MIT', identifier: 'MIT'}},
    servers: [{url: '/'}],
    tags: [...plainTags, ...tags],
    paths: {...plainPaths(bounds), ...paths},
    components: {...components, responses: {...components.responses, ...Object.fromEntries(plain)}},
  };
}
