#!/usr/bin/env node
/**
 * The `krusty` command: hands over to the built code in dist/cli.
 *
 * A reader that has had enough (`krusty list | head`) closes the pipe; the write
 * that meets this ends the command quietly, with the exit code it had so far.
 */
import {existsSync} from 'node:fs';

process.stdout.on('error', endOnClosedPipe);
process.stderr.on('error', endOnClosedPipe);

// grpc-js would log failures that we report ourselves.
process.env.GRPC_VERBOSITY ??= 'NONE';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await (await import(main.href)).main(process.argv.slice(2));
} else {
  process.stderr.write(`krusty: not built yet: there is no ${main.pathname}. Run: npm install\n`);
  process.exitCode = 1;
}

function endOnClosedPipe(error) {
  if (error.code !== 'EPIPE') process.stderr.write(`krusty: cannot write the output: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? process.exitCode : 1);
}
