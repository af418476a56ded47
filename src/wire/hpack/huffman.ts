/**
 * Huffman coding of header strings, both ways (RFC 7541, section 5.2).
 *
 * Decoding goes four bits at a time through a table of states. A state is a node of
 * the code's tree; since no code is shorter than five bits, four bits complete at
 * most one symbol. The table is made once, 16 KiB.
 */
import {assert} from '../../base/index.js';
import {codeLengths, codes, endOfString} from './huffman-codes.js';
import {HpackError} from './integers.js';

/** Node n's children are at 2n and 2n+1: a child's number, or a symbol as -1 - symbol. */
const tree = buildTree();
const nodeCount = tree.length / 2;

/** For node n and four bits b, at 16n + b: the next node, plus 256 times (the symbol completed + 1), or -1 for EOS. */
const transitions = buildTransitions();
/** Nodes at which a string may end: fewer than eight bits, all ones, since the last symbol (the beginning of EOS). */
const mayEnd = buildEnds();

function buildTree(): number[] {
  const nodes = [0, 0];
  for (const [symbol, length] of codeLengths.entries()) {
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const slot = 2 * node + ((codes[symbol]! >>> bit) & 1);
      if (nodes[slot] === 0) {
        nodes[slot] = nodes.length / 2;
        nodes.push(0, 0);
      }
      node = nodes[slot]!;
    }
    nodes[2 * node + (codes[symbol]! & 1)] = -1 - symbol;
  }
  return nodes;
}

function buildTransitions(): Int32Array {
  assert(nodeCount === 256, 'a complete code of 257 symbols has 256 inner nodes');
  const table = new Int32Array(nodeCount * 16);
  for (let start = 0; start < nodeCount; start++) {
    for (let bits = 0; bits < 16; bits++) table[16 * start + bits] = walk(start, bits);
  }
  return table;
}

function walk(start: number, bits: number): number {
  let node = start;
  let completed = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = tree[2 * node + ((bits >>> bit) & 1)]!;
    if (next === -1 - endOfString) return -1;
    if (next < 0) completed = -next;
    node = Math.max(0, next);
  }
  return node + 256 * completed;
}

function buildEnds(): Uint8Array {
  const ends = new Uint8Array(nodeCount);
  let node = 0;
  for (let bits = 0; bits < 8; bits++) {
    ends[node] = 1;
    node = tree[2 * node + 1]!;
  }
  return ends;
}

let scratch = Buffer.allocUnsafeSlow(1024);

/** The string that these bytes encode, an octet a character. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  // No code is shorter than five bits.
  const most = Math.ceil(((end - start) * 8) / 5);
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most * 2);
  let length = 0;
  let node = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const found = transitions[16 * node + ((byte >>> shift) & 15)]!;
      if (found < 0) throw new HpackError('a string holds the symbol for its end');
      if (found >= 256) scratch[length++] = (found >>> 8) - 1;
      node = found & 255;
    }
  }
  if (mayEnd[node] === 0) throw new HpackError('a string ends with wrong padding');
  return scratch.toString('latin1', 0, length);
}

/** How many bytes a string takes when it is encoded. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += codeLengths[text.charCodeAt(at) & 255]!;
  return Math.ceil(bits / 8);
}

/** Appends the code of a string, an octet a character, to a list of bytes. */
export function encodeHuffman(text: string, out: number[]): void {
  let waiting = 0;
  let waitingBits = 0;
  for (let at = 0; at < text.length; at++) {
    const symbol = text.charCodeAt(at) & 255;
    // At most 7 bits wait, and a code has up to 30: together that is more than an integer holds.
    for (let rest = codeLengths[symbol]!; rest > 0; ) {
      const bits = Math.min(rest, 16);
      rest -= bits;
      waiting = (waiting << bits) | ((codes[symbol]! >>> rest) & ((1 << bits) - 1));
      waitingBits += bits;
      for (; waitingBits >= 8; waitingBits -= 8) out.push((waiting >>> (waitingBits - 8)) & 0xff);
    }
  }
  if (waitingBits > 0) out.push(((waiting << (8 - waitingBits)) & 0xff) | (0xff >>> waitingBits));
}
