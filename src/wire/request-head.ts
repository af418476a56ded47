/**
 * The headers of one request, as they are decoded (RFC 9113, sections 8.1 to 8.3).
 *
 * One object a connection, filled again for each request. What is wrong is remembered
 * and judged at the end, since a block must be decoded to its end in any case: unless it
 * becomes so large that the connection ends.
 */
import {limits} from '../base/index.js';
import {ConnectionFault} from './errors.js';
import {type HeaderField, kinds} from './header-field.js';
import type {FieldSink} from './hpack/decoder.js';

const nothing: readonly HeaderField[] = [];

export class RequestHead implements FieldSink {
  method: HeaderField | undefined;
  scheme: HeaderField | undefined;
  path: HeaderField | undefined;
  authority: HeaderField | undefined;
  contentType: HeaderField | undefined;
  contentLength: HeaderField | undefined;
  timeout: HeaderField | undefined;
  encoding: HeaderField | undefined;
  acceptEncoding: HeaderField | undefined;
  /** Why the request is malformed, if it is. */
  fault: string | undefined;
  /** It has more than is allowed; what is beyond is not kept. */
  isTooLarge = false;
  #sizeBytes = 0;
  #regularSeen = false;

  /** All other fields. Requests that bring the same ones share the list, so it must not be changed. */
  #metadata = nothing;
  #metadataCount = 0;

  begin(): void {
    this.method = undefined;
    this.scheme = undefined;
    this.path = undefined;
    this.authority = undefined;
    this.contentType = undefined;
    this.contentLength = undefined;
    this.timeout = undefined;
    this.encoding = undefined;
    this.acceptEncoding = undefined;
    this.fault = undefined;
    this.isTooLarge = false;
    this.#sizeBytes = 0;
    this.#regularSeen = false;
    this.#metadataCount = 0;
  }

  field(field: HeaderField): void {
    this.#sizeBytes += field.sizeBytes;
    if (this.#sizeBytes > limits.wireHeaderListBytesMost) {
      this.isTooLarge = true;
      if (this.#sizeBytes > limits.wireHeaderBombBytesMost) {
        throw new ConnectionFault('ENHANCE_YOUR_CALM', 'the headers of a request become far too large');
      }
      return;
    }
    switch (field.kind) {
      case kinds.metadata:
        this.#regularSeen = true;
        this.#addMetadata(field);
        return;
      case kinds.malformed:
        this.fault ??= `the header ${JSON.stringify(field.name.text.slice(0, 100))} is not allowed, or its value is not`;
        return;
      case kinds.method:
        this.#pseudo(this.method);
        this.method = field;
        return;
      case kinds.scheme:
        this.#pseudo(this.scheme);
        this.scheme = field;
        return;
      case kinds.path:
        this.#pseudo(this.path);
        this.path = field;
        return;
      case kinds.authority:
        this.#pseudo(this.authority);
        this.authority = field;
        return;
    }
    this.#regularSeen = true;
    switch (field.kind) {
      case kinds.contentType:
        this.contentType = field;
        return;
      case kinds.contentLength:
        if (this.contentLength && this.contentLength.number !== field.number) this.fault ??= 'two lengths';
        this.contentLength = field;
        return;
      case kinds.timeout:
        this.timeout = field;
        return;
      case kinds.encoding:
        this.encoding = field;
        return;
      case kinds.acceptEncoding:
        this.acceptEncoding = field;
        return;
    }
  }

  /** What is wrong with a whole request head; undefined if nothing is. */
  requestFault(): string | undefined {
    if (this.fault !== undefined || this.isTooLarge) return this.fault;
    if (!this.method) return 'there is no :method';
    if (this.method.value === 'CONNECT') {
      return this.scheme || this.path || !this.authority ? 'CONNECT has an :authority alone' : undefined;
    }
    if (!this.scheme) return 'there is no :scheme';
    if (!this.path || this.path.value === '') return 'there is no :path';
    return undefined;
  }

  /** What is wrong with trailers, which have no pseudo-headers. */
  trailersFault(): string | undefined {
    const pseudo = this.method ?? this.scheme ?? this.path ?? this.authority;
    return this.fault ?? (pseudo ? `${pseudo.name.text} in trailers` : undefined);
  }

  /** The fields that are not understood here, for whoever may ask for them. */
  takeMetadata(): readonly HeaderField[] {
    if (this.#metadata.length !== this.#metadataCount) this.#metadata = this.#metadata.slice(0, this.#metadataCount);
    return this.#metadata;
  }

  #pseudo(before: HeaderField | undefined): void {
    if (before) this.fault ??= `${before.name.text} twice`;
    if (this.#regularSeen) this.fault ??= 'a pseudo-header behind a header';
  }

  #addMetadata(field: HeaderField): void {
    const at = this.#metadataCount++;
    if (this.#metadata[at] === field) return;
    const metadata = this.#metadata.slice(0, at + 1);
    metadata[at] = field;
    this.#metadata = metadata;
  }
}

/** The value of the first field of this name, which must be in lower case. */
export function findField(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) {
    if (field.name.text === name) return field.value;
  }
  return undefined;
}
