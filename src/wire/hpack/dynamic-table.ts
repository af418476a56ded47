/**
 * The header fields that one side has told the other on this connection (RFC 7541,
 * sections 2.3.2 and 4), newest first.
 *
 * A ring, so that neither adding nor evicting moves anything. A field counts its
 * octets and 32 more, which bounds the number of fields by the table's size.
 */
import {assert} from '../../base/index.js';
import type {HeaderField} from '../header-field.js';

const fieldOverheadBytes = 32;

export class DynamicTable {
  /** As many as fields fit, rounded up to a power of two. */
  readonly #ring: (HeaderField | undefined)[];
  readonly #mask: number;
  /** Where the newest stands; the older ones follow upwards. */
  #newest = 0;
  #count = 0;
  #sizeBytes = 0;
  #sizeMost: number;

  /** `sizeMost` is the most that the table may ever be told to have. */
  constructor(sizeMost: number) {
    let capacity = 1;
    while (capacity < sizeMost / fieldOverheadBytes) capacity *= 2;
    this.#ring = new Array(capacity).fill(undefined);
    this.#mask = capacity - 1;
    this.#sizeMost = sizeMost;
  }

  get count(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The field that came so many before the newest, which is 0; undefined if it is no longer here. */
  get(age: number): HeaderField | undefined {
    return age < this.#count ? this.#ring[(this.#newest + age) & this.#mask] : undefined;
  }

  /** A field larger than the table empties it, and is not kept. */
  add(field: HeaderField): void {
    this.#evictTo(this.#sizeMost - field.sizeBytes);
    if (field.sizeBytes > this.#sizeMost) return;
    assert(this.#count < this.#ring.length, 'a table holds no more fields than its size allows');
    this.#newest = (this.#newest - 1) & this.#mask;
    this.#ring[this.#newest] = field;
    this.#count++;
    this.#sizeBytes += field.sizeBytes;
  }

  resize(sizeMost: number): void {
    this.#sizeMost = sizeMost;
    this.#evictTo(sizeMost);
  }

  #evictTo(sizeBytes: number): void {
    while (this.#count > 0 && this.#sizeBytes > sizeBytes) {
      this.#count--;
      const oldest = (this.#newest + this.#count) & this.#mask;
      this.#sizeBytes -= this.#ring[oldest]!.sizeBytes;
      this.#ring[oldest] = undefined;
    }
  }
}
