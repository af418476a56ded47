/**
 * JSON text to a value, as JSON.parse makes it, but an object that has a name twice is
 * refused: of two values nobody can know which was meant, and JSON.parse would take the
 * last. The search for such names steps over what is in quotes, so that a long text, such
 * as a value in base64, costs no more than to find its end.
 */
import type {JsonValue} from '@bufbuild/protobuf';

/** Throws an Error that says what is wrong. */
export function parseJson(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  refuseDoubledNames(text);
  return value;
}

/** `text` is valid JSON. */
function refuseDoubledNames(text: string): void {
  /** The names of each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let isName = false;
  for (let index = 0; index < text.length; index++) {
    switch (text[index]) {
      case '{':
      case '[':
        names = text[index] === '{' ? new Set() : undefined;
        open.push(names);
        isName = true;
        break;
      case '}':
      case ']':
        open.pop();
        names = open.at(-1);
        break;
      case ',':
        isName = true;
        break;
      case '"': {
        const end = endOfString(text, index);
        if (isName && names) addName(text.slice(index, end), names);
        isName = false;
        index = end - 1;
      }
    }
  }
}

/** Behind the quote that ends the string which begins here. */
function endOfString(text: string, start: number): number {
  for (let quote = start; ; ) {
    quote = text.indexOf('"', quote + 1);
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes++;
    // An even number of them escape each other.
    if (slashes % 2 === 0) return quote + 1;
  }
}

/** As names are the same however they are escaped. */
function addName(quoted: string, names: Set<string>): void {
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (names.has(name)) throw new Error(`duplicate name "${name}" in an object`);
  names.add(name);
}
