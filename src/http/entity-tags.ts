/**
 * Entity tags and what requests say with them (RFC 9110, sections 8.8.3 and 13.1). A
 * tag is the entry's revision in quotes: strong, since each value has its own.
 */
import {limits} from '../base/index.js';
import {Refusal} from './refusal.js';

export function tagOf(revision: number): string {
  return `"${revision}"`;
}

/** The entries that a header names: any that there is, or those with one of these revisions. */
export type Tags = 'any' | readonly number[];

/** One element of a list, which may be empty, and the comma behind it. */
const element = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(,|$)/y;
const revisionForm = /^[1-9]\d{0,15}$/;

/**
 * The revisions of a list of tags; those that are none of ours are left out, as they
 * name nothing here. `weakToo`: a weak tag counts as its strong one.
 */
export function parseTags(header: string, name: string, weakToo: boolean): Tags {
  if (header === '*') return 'any';
  const revisions: number[] = [];
  let count = 0;
  for (let at = 0, more = true; more; ) {
    element.lastIndex = at;
    const match = element.exec(header);
    if (!match || ++count > limits.httpTagsMost) {
      throw new Refusal('INVALID_CONDITION', `allowed: *, or up to ${limits.httpTagsMost} entity tags in quotes`, {
        field: name,
      });
    }
    const [, weak, tag = '', comma] = match;
    if (revisionForm.test(tag) && (weakToo || !weak)) revisions.push(Number(tag));
    at = element.lastIndex;
    more = comma !== '';
  }
  return revisions;
}

export function holds(tags: Tags, revision: number): boolean {
  return tags === 'any' || tags.includes(revision);
}
