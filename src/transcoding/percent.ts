/**
 * Percent-escapes (RFC 3986, section 2.1), decoded once and strictly: an escape that
 * is incomplete, or that spells no UTF-8, is refused. What a request target may hold
 * unescaped is printable ASCII; anything else cannot have come through HTTP whole.
 */
import {RequestError} from './status.js';

const space = 0x20;
const delete_ = 0x7f;
const hash = 0x23;

/** Refuses a target with characters that no target can have. */
export function checkTarget(target: string): void {
  if (!target.startsWith('/')) throw new RequestError('MALFORMED_TARGET', 'a path begins with "/"');
  for (let index = 0; index < target.length; index++) {
    const char = target.charCodeAt(index);
    if (char <= space || char >= delete_ || char === hash) {
      throw new RequestError(
        'MALFORMED_TARGET',
        `character ${index + 1} of the path or query has to be percent-encoded`,
      );
    }
  }
}

/** The text of one path segment or of one name or value in a query. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RequestError('MALFORMED_TARGET', `"${text}" is not valid percent-encoding of UTF-8`);
  }
}

/** As decodePercent, but an escaped slash stays as it is, since the text may have several segments. */
export function decodePercentButSlashes(text: string): string {
  if (!text.includes('%')) return text;
  return text
    .split(/(%2f)/i)
    .map((part, index) => (index % 2 === 1 ? part : decodePercent(part)))
    .join('');
}
