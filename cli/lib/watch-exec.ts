/**
 * A command for each object of a watch, one after the other. While one runs, nothing
 * further is read from the server, so however slow it is, little piles up here.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {jsonLine, type WatchObject} from './watch-json.js';

/** Runs a line of shell with the object as JSON on stdin. Answers how it failed, if it did. */
export async function runForObject(command: string, object: WatchObject): Promise<string | undefined> {
  const {name, event} = object;
  const key = event?.entry?.key;
  const child = spawn('sh', ['-c', command], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: {
      ...process.env,
      KRUSTY_EVENT: name,
      KRUSTY_KEY: key?.includes('\0') ? undefined : key, // no variable can hold a zero byte
      KRUSTY_REVISION: event?.revision.toString(),
    },
  });
  child.stdin.on('error', () => {}); // a command that reads no input closes it
  child.stdin.end(jsonLine(object));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return undefined;
  return signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
}
