/**
 * Makes the body of an answer from a response message: JSON by @bufbuild/protobuf, of
 * the whole message or of the field that response_body names; of a google.api.HttpBody
 * its bytes as they are, with the type that it says.
 */
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type JsonObject,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import {type ReflectMessage, reflect} from '@bufbuild/protobuf/reflect';
import {isHttpBody} from './binder.js';
import {JsonWriter} from './json-writer.js';
import type {Route} from './routes.js';
import {RequestError} from './status.js';

export interface EncoderOptions {
  /** The types that a google.protobuf.Any in a response may hold. */
  registry: Registry;
  /** Write fields that have their default value as well. */
  emitDefaults?: boolean;
  /** The largest response message, in bytes of its binary form. */
  responseBytesMost: number;
}

/** A google.api.HttpBody. */
export interface RawBody {
  contentType: string;
  data: Uint8Array;
}

export class ResponseEncoder {
  /** True if answers are taken as they are. */
  readonly isRaw: boolean;

  readonly #type: DescMessage;
  readonly #field: Route['responseBody'];
  readonly #bytesMost: number;
  readonly #write: (bytes: Uint8Array) => string;

  constructor({rpc, responseBody}: Route, {registry, emitDefaults = false, responseBytesMost}: EncoderOptions) {
    this.#type = rpc.output;
    this.#field = responseBody;
    this.#bytesMost = responseBytesMost;
    this.isRaw = isHttpBody(responseBody ?? rpc.output);
    const writer = new JsonWriter({registry, emitDefaults});
    this.#write = responseBody ? writeField(responseBody, writer) : writer.message(rpc.output);
  }

  json(bytes: Uint8Array): string {
    this.#checkSize(bytes);
    return this.#write(bytes);
  }

  raw(bytes: Uint8Array): RawBody {
    this.#checkSize(bytes);
    const message = reflect(this.#type, fromBinary(this.#type, bytes));
    const body = this.#field ? (message.get(this.#field) as ReflectMessage) : message;
    const {contentType, data} = body.message as unknown as RawBody;
    return {contentType: sendable(contentType), data};
  }

  #checkSize(bytes: Uint8Array): void {
    if (bytes.length <= this.#bytesMost) return;
    throw new RequestError('RESPONSE_TOO_LARGE', `the response is larger than ${this.#bytesMost} bytes`);
  }
}

/** One field, or what stands for it if it is not set: its default, null for a message. */
function writeField(field: DescField, writer: JsonWriter): (bytes: Uint8Array) => string {
  const defaults = toJson(field.parent, create(field.parent), {alwaysEmitImplicit: true}) as JsonObject;
  const unset = JSON.stringify(defaults[field.jsonName] ?? null);
  const write = writer.field(field);
  return bytes => write(bytes) ?? unset;
}

/** A type that no header can carry is not told. */
function sendable(contentType: string): string {
  return /^[\x20-\x7e]+$/.test(contentType) ? contentType : 'application/octet-stream';
}
