/** What a record is filled with, and how much of it there is. */
import {charge} from './layout.js';

export interface Content {
  key: Uint8Array;
  contentType: string;
  value: Uint8Array;
}

export function contentBytes({key, contentType, value}: Content): number {
  return key.length + contentType.length + value.length;
}

export function chargeOf({key, contentType, value}: Content): number {
  return charge(key.length, contentType.length + value.length);
}
