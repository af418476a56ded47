/** Files for one test, in a folder of their own that goes with it. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';

export function tempFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'krusty-test-'));
  t.teardown(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** The path of a new file. */
export function tempFile(t: ExecutionContext, content: string): string {
  const path = join(tempFolder(t), 'krusty.toml');
  writeFileSync(path, content);
  return path;
}
