/** Methods to be called by tests: an echo, one that answers when told to, a stream that the test writes, a chat. */
import type {Call, Method, OutStream} from '../../../src/rpc/index.js';

export interface TestMethods {
  methods: Method[];
  /** Calls of /t.T/Later that wait for their answer. */
  waiting: {request: Uint8Array; answer(response: Uint8Array): void; fail(error: unknown): void}[];
  /** Calls of /t.T/Stream and /t.T/Chat. */
  streams: {out: OutStream; call: Call; messages: Uint8Array[]; ended: boolean; closed: boolean; drains: number}[];
  /** How often a unary method was run. */
  runs: number;
}

export function testMethods(): TestMethods {
  const made: TestMethods = {methods: [], waiting: [], streams: [], runs: 0};
  const open = (out: OutStream, call: Call, messages: Uint8Array[]) => {
    const stream = {out, call, messages, ended: false, closed: false, drains: 0};
    out.onClose(() => {
      stream.closed = true;
    });
    out.onDrain(() => {
      stream.drains++;
    });
    made.streams.push(stream);
    return stream;
  };
  made.methods = [
    {
      kind: 'unary',
      path: '/t.T/Echo',
      handle: request => {
        made.runs++;
        return request.slice();
      },
    },
    {
      kind: 'unary',
      path: '/t.T/Metadata',
      handle: (request, call) => Buffer.from(String(call.metadata(Buffer.from(request).toString()))),
    },
    {
      kind: 'unary',
      path: '/t.T/Large',
      handle: request => {
        made.runs++;
        // A fuzzed request may be no number, or a very large one.
        const size = Number(Buffer.from(request).toString()) || 0;
        return Buffer.alloc(Math.max(0, Math.min(size, 2 ** 23)), 'x');
      },
    },
    {
      kind: 'unary',
      path: '/t.T/Later',
      handle: request => {
        made.runs++;
        return new Promise((answer, fail) => made.waiting.push({request, answer, fail}));
      },
    },
    {kind: 'serverStream', path: '/t.T/Stream', handle: (request, out, call) => void open(out, call, [request])},
    {
      kind: 'duplex',
      path: '/t.T/Chat',
      handle: (out, call) => {
        const stream = open(out, call, []);
        return {
          message: bytes => {
            if (Buffer.from(bytes).toString() === 'throw') throw new Error('thrown by a handler');
            stream.messages.push(bytes.slice());
          },
          end: () => {
            stream.ended = true;
          },
        };
      },
    },
  ];
  return made;
}
