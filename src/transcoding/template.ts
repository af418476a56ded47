/**
 * Path templates, by the grammar of google/api/http.proto ("Path template syntax"):
 *
 *     Template  = "/" Segments [ Verb ] ;
 *     Segments  = Segment { "/" Segment } ;
 *     Segment   = "*" | "**" | LITERAL | Variable ;
 *     Variable  = "{" FieldPath [ "=" Segments ] "}" ;
 *     FieldPath = IDENT { "." IDENT } ;
 *     Verb      = ":" LITERAL ;
 *
 * It is kept strictly: `**` comes last, variables do not nest, no field is bound
 * twice. What the grammar leaves open: an IDENT is an identifier of Protobuf; a
 * LITERAL is made of what RFC 3986 allows in a path segment, except the characters
 * `:`, `*` and `=`, which mean something here and are written as escapes.
 */

/** One segment of a path: this text (decoded), any one segment, or all that remain, even none. */
export type Segment = {kind: 'literal'; text: string} | {kind: 'one'} | {kind: 'rest'};

/** A part of the path that is kept: segments `start` up to but not including `end`. */
export interface TemplateVariable {
  /** The field that it sets, as `book.name`. */
  fieldPath: string;
  start: number;
  end: number;
  /** True if it may hold several segments: then an escaped slash in it stays escaped. */
  multiSegment: boolean;
}

export interface PathTemplate {
  text: string;
  segments: readonly Segment[];
  variables: readonly TemplateVariable[];
  /** Decoded; empty if there is none. */
  verb: string;
}

/** A template that breaks the grammar, or that cannot stand beside another. */
export class TemplateError extends Error {
  readonly template: string;
  /** Counted from 1; undefined if the template as a whole is at fault. */
  readonly column: number | undefined;

  constructor(template: string, problem: string, column?: number) {
    super(`template "${template}"${column === undefined ? '' : `, column ${column}`}: ${problem}`);
    this.name = 'TemplateError';
    this.template = template;
    this.column = column;
  }
}

/** Reads a template; throws a TemplateError that says where it is wrong and which rule it breaks. */
export function parseTemplate(text: string): PathTemplate {
  return new Parser(text).template();
}

const literalText = /(?:[A-Za-z0-9\-._~!$&'()+,;@]|%[0-9A-Fa-f]{2})+/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;

class Parser {
  readonly #text: string;
  readonly #segments: Segment[] = [];
  readonly #variables: TemplateVariable[] = [];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): PathTemplate {
    if (!this.#take('/')) this.#fail('a template begins with "/"');
    this.#readSegments(false);
    const verb = this.#take(':') ? this.#literal('a verb') : '';
    if (this.#position < this.#text.length) this.#fail(`unexpected ${this.#next()}`);
    return {text: this.#text, segments: this.#segments, variables: this.#variables, verb};
  }

  #readSegments(insideVariable: boolean): void {
    do {
      if (this.#segments.at(-1)?.kind === 'rest') this.#fail('nothing but a verb may follow "**"');
      if (this.#take('**')) this.#segments.push({kind: 'rest'});
      else if (this.#take('*')) this.#segments.push({kind: 'one'});
      else if (!this.#take('{')) this.#segments.push({kind: 'literal', text: this.#literal('a segment')});
      else if (insideVariable) this.#fail('a variable cannot hold another variable', -1);
      else this.#readVariable();
    } while (this.#take('/'));
  }

  #readVariable(): void {
    const fieldPath = this.#fieldPath();
    const start = this.#segments.length;
    if (this.#take('=')) this.#readSegments(true);
    else this.#segments.push({kind: 'one'});
    if (!this.#take('}')) this.#fail(`"}" expected, not ${this.#next()}`);
    const end = this.#segments.length;
    const multiSegment = end - start > 1 || this.#segments[start]!.kind === 'rest';
    this.#variables.push({fieldPath, start, end, multiSegment});
  }

  #fieldPath(): string {
    const start = this.#position;
    do {
      if (!this.#match(identifier)) this.#fail(`a field name expected, not ${this.#next()}`);
    } while (this.#take('.'));
    const fieldPath = this.#text.slice(start, this.#position);
    if (this.#variables.some(variable => variable.fieldPath === fieldPath)) {
      this.#fail(`the field "${fieldPath}" is bound twice`, start - this.#position);
    }
    return fieldPath;
  }

  #literal(what: string): string {
    const start = this.#position;
    const found = this.#match(literalText);
    if (!found) this.#fail(`${what} expected, not ${this.#next()}`);
    try {
      const text = decodeURIComponent(found);
      if (text !== '.' && text !== '..') return text;
    } catch {
      this.#fail('the escapes are not UTF-8', start - this.#position);
    }
    return this.#fail('"." and ".." are no names of segments', start - this.#position);
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#position)) return false;
    this.#position += token.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #next(): string {
    return this.#position < this.#text.length ? `"${this.#text[this.#position]}"` : 'the end';
  }

  #fail(problem: string, offset = 0): never {
    throw new TemplateError(this.#text, problem, this.#position + offset + 1);
  }
}
