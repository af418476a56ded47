/**
 * Which protocol a connection speaks, by how it begins: HTTP/2 with its preface
 * (RFC 9113, section 3.4), everything else is HTTP/1.1, or no HTTP at all, which its
 * parser refuses. What was read is put back.
 */
import type {Socket} from 'node:net';

export type Protocol = 'http/1.1' | 'h2';

const preface = Buffer.from('PRI * HTTP/2.0');

/** Calls `told` once, as soon as the first bytes tell; never if the connection ends before. */
export function tellProtocol(socket: Socket, told: (protocol: Protocol) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const read = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const length = Math.min(bytes.length, preface.length);
    const isPreface = bytes.compare(preface, 0, length, 0, length) === 0;
    if (isPreface && length < preface.length) return;
    socket.off('readable', read);
    socket.unshift(bytes);
    told(isPreface ? 'h2' : 'http/1.1');
  };
  socket.on('readable', read);
}
