/**
 * A server socket on which several threads listen by its descriptor. Two things here are
 * not in Node's documentation: where the number of the descriptor is, and how to close it.
 *
 * Each of the threads has the same number, and each closes it, for its socket does so by
 * itself. The first time the system closes the port; from then on the number is free, and
 * the next thread would close whatever has got it meanwhile: a file, or a client. So the
 * threads close one after another, and each but the last puts a file of ours in the place
 * of what it has closed, for the next one to close:
 *
 *     a number is closed only while it is ours.
 *
 * If somebody takes the number between a close and the file behind it, which are two calls
 * of the system in a row, then that is seen, and nobody closes it again: the threads that
 * are left keep their dead sockets, and so stay until the process ends.
 */
import {closeSync, openSync} from 'node:fs';
import type {Server} from 'node:net';
import {assert} from '../base/index.js';

/** The number of the descriptor on which a server listens. */
export function descriptorOf(server: Server): number {
  const {fd} = (server as Server & {_handle?: {fd?: number}})._handle ?? {};
  assert(fd !== undefined && fd > 0, 'a server of this Node has its descriptor in its handle');
  return fd;
}

/**
 * Closes a server whose descriptor is ours, as one of the threads that have it. Answers
 * whether it is still ours, so that the next may close it; the last gives it back.
 */
export function closeShared(server: Server, isLast: boolean): boolean {
  const fd = descriptorOf(server);
  const opened: number[] = [];
  // The system gives out the lowest number that is free: behind this, that of the server is the next.
  const isReady = !isLast && openUpTo(fd, opened);
  server.close();
  const isOurs = isReady && openUpTo(fd, opened) && opened.at(-1) === fd;
  for (const each of opened) if (each !== fd) closeSync(each);
  return isOurs;
}

/** Opens files until one has this number or a higher one; false where no more can be opened. */
function openUpTo(fd: number, opened: number[]): boolean {
  try {
    do opened.push(openSync('/dev/null', 'r'));
    while (opened.at(-1)! < fd);
    return true;
  } catch {
    return false;
  }
}
