/**
 * Makes the body of an answer from a response message: JSON by @bufbuild/protobuf, of
 * the whole message or of the field that response_body names; of a google.api.HttpBody
 * its bytes as they are, with the type that it says.
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import {type ReflectMessage, reflect} from '@bufbuild/protobuf/reflect';
import {httpBodyType} from './binder.js';
import {largeBytesLeast, takeLargeBytes} from './large-bytes.js';
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
  readonly #options: EncoderOptions;
  /** What stands for a response_body that is not set. */
  readonly #unset: JsonValue;

  constructor({rpc, responseBody}: Route, options: EncoderOptions) {
    this.#type = rpc.output;
    this.#field = responseBody;
    this.#options = options;
    const bodyType = responseBody ? responseBody.fieldKind === 'message' && responseBody.message : rpc.output;
    this.isRaw = bodyType !== false && bodyType.typeName === httpBodyType;
    this.#unset = null;
    if (responseBody) {
      const defaults = toJson(rpc.output, create(rpc.output), {alwaysEmitImplicit: true}) as JsonObject;
      this.#unset = defaults[responseBody.jsonName] ?? null;
    }
  }

  json(bytes: Uint8Array): string {
    const {registry, emitDefaults = false} = this.#options;
    const message = this.#read(bytes);
    const complete = bytes.length < largeBytesLeast ? undefined : takeLargeBytes(reflect(this.#type, message));
    const emptied = toJson(this.#type, message, {registry, alwaysEmitImplicit: emitDefaults});
    const json = complete?.(emptied) ?? emptied;
    const body = this.#field ? ((json as JsonObject)[this.#field.jsonName] ?? this.#unset) : json;
    return JSON.stringify(body);
  }

  raw(bytes: Uint8Array): RawBody {
    const message = reflect(this.#type, this.#read(bytes));
    const body = this.#field ? (message.get(this.#field) as ReflectMessage) : message;
    const {contentType, data} = body.message as unknown as RawBody;
    return {contentType: sendable(contentType), data};
  }

  #read(bytes: Uint8Array) {
    const {responseBytesMost} = this.#options;
    if (bytes.length > responseBytesMost) {
      throw new RequestError('RESPONSE_TOO_LARGE', `the response is larger than ${responseBytesMost} bytes`);
    }
    return fromBinary(this.#type, bytes);
  }
}

/** A type that no header can carry is not told. */
function sendable(contentType: string): string {
  return /^[\x20-\x7e]+$/.test(contentType) ? contentType : 'application/octet-stream';
}
