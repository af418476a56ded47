/** The first page of the help, and its topics. */
import {exitCodeMeanings, exitCodes} from './exit-codes.js';

export function rootHelp(version: string): string {
  return `krusty ${version}: a cache that speaks gRPC. This is its server and its client.

SERVE
  serve       run a cache in the foreground

ONE KEY
  get         write a value to stdout                    krusty get greeting
  put         store a value                              krusty put greeting hello --ttl 5m
  delete      remove a key                               krusty delete greeting
  touch       change when an entry expires               krusty touch greeting --ttl 1h
  incr        add to a number                            krusty incr visits 10
  why         what last happened to a key, and when      krusty why greeting

MANY KEYS
  batch-get   get many values, a line each               krusty batch-get greeting visits
  list        list the keys, all or under a prefix       krusty list user:
  purge       remove all keys, or those under a prefix   krusty purge --prefix user:
  watch       follow changes as they happen              krusty watch --prefix user:

THE SERVER
  stats       counters, sizes and limits                 krusty stats
  ping        is it there, and how far away              krusty ping

  set, del and mget are other names for put, delete and batch-get.
  krusty COMMAND --help shows the flags of a command, with examples.

TRY IT
  $ krusty serve                                  and in a second terminal:
  $ krusty put greeting hello --ttl 5m
  $ krusty get greeting
  $ krusty put photo @cat.jpg --content-type image/jpeg
  $ krusty get photo -o copy.jpg

WHERE
  Commands ask the server at 127.0.0.1:7070, or at --address HOST:PORT, or at KRUSTY_ADDRESS.

SCRIPTS
  Values go to stdout with nothing added, words to stderr. --json works on every command.
  Exit codes: 0 done, 1 error, 2 usage, 3 miss, 4 permission, 5 unavailable, 6 lost condition
  (krusty help exit-codes). How values and keys are written: krusty help values.`;
}

const exitCodesTopic = `EXIT CODES
${Object.entries(exitCodes)
  .map(([name, code]) => `  ${String(code).padStart(3)}  ${exitCodeMeanings[name as keyof typeof exitCodes]}`)
  .join('\n')}

  A miss and a lost condition are answers, not errors: with --json the answer is on stdout as
  always. An error is on stderr, with --json as {"error": {"message", "exitCode", "reason",
  "status"}}, and stdout stays empty. serve ends with 0 when Ctrl-C or SIGTERM stops it.

  $ krusty get greeting || echo "exit code $?"
  $ krusty put lock me --if-absent --ttl 30s; case $? in 0) echo mine;; 6) echo taken;; esac`;

const valuesTopic = `VALUES IN
  krusty put KEY hello          the text, with nothing added
  krusty put KEY -              the bytes of stdin
  krusty put KEY @photo.jpg     the bytes of a file
  krusty put KEY --value @home  the text as it is, even if it is - or begins with @
  krusty put -- -key -text      after -- nothing is taken for a flag

VALUES OUT
  A pipe or file gets the exact bytes. A terminal gets text as it is with a line end, and of
  anything else a dump. -o FILE writes the exact bytes to FILE, -o - to stdout.

KEYS AND VALUES ON A LINE (list, batch-get, watch)
  Plain text stands as it is. What is empty, begins with a quotation mark, has spaces at its
  ends or holds control characters is a JSON string: "two\\nlines". Bytes that are not UTF-8
  are base64:... in batch-get; watch says how many they are. list -0 writes the exact keys, a
  zero byte behind each, and batch-get -0 --keys-from - reads them.

DURATIONS
  5m, 1h30m, 90s, 250ms, 2d; a bare number is seconds.`;

/** What \`krusty help TOPIC\` shows. */
export const helpTopics: Readonly<Record<string, string>> = {
  'exit-codes': exitCodesTopic,
  values: valuesTopic,
};
