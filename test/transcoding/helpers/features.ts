/** The test service of features.proto, served by a transcoder, and a client that sends it requests. */
import {readFileSync} from 'node:fs';
import {create, createFileRegistry, fromBinary, type Message, toBinary} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {
  fromIterable,
  type ServedMethod,
  Transcoder,
  type TranscoderOptions,
  type TranscoderRequest,
} from '../../../src/transcoding/index.js';
import {type Answer, CollectingSink} from './collecting-sink.js';

const image = readFileSync(new URL('../../features.binpb', import.meta.url));
export const descriptors = fromBinary(FileDescriptorSetSchema, image);
export const registry = createFileRegistry(descriptors);
export const everything = registry.getMessage('test.transcoding.v1.Everything')!;
export const service = registry.getService('test.transcoding.v1.Features')!;

const echoed = ['Query', 'Whole', 'Part', 'Tags', 'Labels', 'Text', 'Nested', 'Custom', 'Plain', 'GetFile'];

export function pathOf(name: string): string {
  return `/test.transcoding.v1.Features/${name}`;
}

function echo(name: string): ServedMethod {
  return {kind: 'unary', path: pathOf(name), handle: request => request};
}

/** An Upload's request without what is not in its response. */
function uploaded(request: Uint8Array): Uint8Array {
  const uploadRequest = registry.getMessage('test.transcoding.v1.UploadRequest')!;
  const uploadResponse = registry.getMessage('test.transcoding.v1.UploadResponse')!;
  const {file} = fromBinary(uploadRequest, request) as Message & {file: Message};
  return toBinary(uploadResponse, Object.assign(create(uploadResponse), {file}));
}

export function tagsOf(request: Uint8Array): string[] {
  return (fromBinary(everything, request) as Message & {tags: string[]}).tags;
}

export function encodeText(text: string): Uint8Array {
  return toBinary(everything, Object.assign(create(everything), {text}));
}

function encodeBody(contentType: string, text: string): Uint8Array {
  const body = registry.getMessage('google.api.HttpBody')!;
  return toBinary(body, Object.assign(create(body), {contentType, data: Buffer.from(text)}));
}

/** All methods; a stream sends a message for each tag of its request. */
export const methods: readonly ServedMethod[] = [
  ...echoed.map(echo),
  {kind: 'unary', path: pathOf('Upload'), handle: uploaded},
  echo('UploadWhole'),
  ...['Watch', 'WatchText'].map(
    (name): ServedMethod => ({
      kind: 'serverStream',
      path: pathOf(name),
      handle(request, out) {
        for (const tag of tagsOf(request)) out.write(encodeText(tag));
        out.end();
      },
    }),
  ),
  {
    kind: 'serverStream',
    path: pathOf('Download'),
    handle: fromIterable(async function* (request) {
      for (const [index, tag] of tagsOf(request).entries()) yield encodeBody(`text/part-${index}`, tag);
    }),
  },
];

/** A transcoder of the test service; `replaced` are methods of the test's own. */
export function featuresTranscoder(
  options: Partial<TranscoderOptions> = {},
  replaced: readonly ServedMethod[] = [],
): Transcoder {
  const paths = replaced.map(({path}) => path);
  return new Transcoder({
    registry,
    methods: [...methods.filter(({path}) => !paths.includes(path)), ...replaced],
    onFault: fault => {
      throw fault;
    },
    ...options,
  });
}

export interface Sent {
  headers?: TranscoderRequest['headers'];
  body?: TranscoderRequest['body'] | string;
}

/** Sends one request, JSON unless it says otherwise, and waits for the end of the answer. */
export function send(transcoder: Transcoder, method: string, target: string, sent: Sent = {}): Promise<Answer> {
  const sink = new CollectingSink();
  transcoder.serve(requestOf(method, target, sent), sink);
  return sink.closed;
}

export function requestOf(method: string, target: string, {headers, body}: Sent = {}): TranscoderRequest {
  return {
    method,
    target,
    headers: headers ?? (body === undefined ? {} : {'content-type': 'application/json'}),
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}
