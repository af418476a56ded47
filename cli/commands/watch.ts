import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {formatDuration, limits, systemClock} from '../../src/base/index.js';
import type {WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {ClientCommand, exits} from '../lib/command.js';
import {namespaceFlag} from '../lib/flags.js';
import {shortDuration} from '../lib/render.js';
import {quote} from '../lib/text.js';
import {systemTiming} from '../lib/timing.js';
import {runForObject} from '../lib/watch-exec.js';
import {jsonLine, watchObjects} from '../lib/watch-json.js';
import {targetWords, watchRequest} from '../lib/watch-request.js';
import {resumingWatch} from '../lib/watch-resume.js';
import {WatchText} from '../lib/watch-text.js';

const description = `It goes on until Ctrl-C. When the connection breaks or the server restarts, it connects again and goes on where it was; if changes were missed meanwhile, it says so (gap), lists all entries there are, and says when they are complete: what was neither listed nor stored since the gap is gone.

With --json each line is an object with resumeToken, which --from takes, and either an event: type (such as EVENT_TYPE_PUT), revision, listed (true if the entry was there before), entry (of a removal only the key; of a purge, the prefix as the key), previous, evictionLimit; or one of gap (with its reason), snapshotEnd, and with --bookmarks created and bookmark. Names and forms are as in watch.proto; values are in base64. Go on with the token of any line and nothing is missed, though some events may come again.

With --exec, CMD is run by sh for each of these objects, which it gets on stdin, one after the other, and nothing else is written. Its environment has KRUSTY_EVENT (PUT, TOUCH, DELETE, EXPIRE, EVICT, PURGE, GAP, SNAPSHOT_END, CREATED, BOOKMARK), and for an event KRUSTY_KEY (unless the key has a zero byte) and KRUSTY_REVISION. A command that fails is reported, and the watch goes on.`;

export default class Watch extends ClientCommand {
  static override summary =
    'Follow changes of keys as they happen: stored, touched, deleted, expired, evicted, purged.';
  static override description = `${description}\n\n${exits('5 no server at the start, 130 Ctrl-C')}`;
  static override args = {
    keys: Args.string({description: 'keys to follow', multiple: true, ignoreStdin: true}),
  };
  static override flags = {
    ...namespaceFlag,
    json: Flags.boolean({description: 'write a JSON object a line; bytes are in base64', helpGroup: 'common'}),
    prefix: Flags.string({
      helpValue: 'PREFIX',
      description: "follow every key that begins with PREFIX; may be repeated; '' is the same as --all",
      multiple: true,
      multipleNonGreedy: true,
    }),
    all: Flags.boolean({description: 'follow every key of the namespace'}),
    initial: Flags.boolean({description: 'first list the entries that are there already'}),
    from: Flags.string({
      helpValue: 'TOKEN',
      description: 'go on behind the line with this resumeToken; empty: from now',
    }),
    events: Flags.string({helpValue: 'TYPES', description: 'only changes of these types, such as put,delete'}),
    'keys-only': Flags.boolean({description: 'leave the values out'}),
    previous: Flags.boolean({description: 'with what was there before, as far as the server keeps it'}),
    exec: Flags.string({helpValue: 'CMD', description: 'run CMD for each event instead of writing it'}),
    bookmarks: Flags.boolean({
      description: `say how far it has come when nothing happens for ${formatDuration(limits.bookmarkMsDefault)}`,
    }),
  };
  static override examples = [
    '<%= config.bin %> watch greeting',
    '<%= config.bin %> watch --prefix user: --initial',
    '<%= config.bin %> watch --all --events expire,evict --json | jq -r ".entry.key // empty"',
    `<%= config.bin %> watch config --exec 'echo "$KRUSTY_EVENT $KRUSTY_KEY"'`,
  ];

  /** Of the last message that was dealt with. */
  #token = '';

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Watch);
    // oclif types an argument that may come many times as one.
    const request = watchRequest((args.keys ?? []) as unknown as string[], flags);
    const client = await this.connect(flags);
    const notice = (words: string) => flags.quiet || this.say(words);
    this.#tellTokenOnInterrupt();
    const show = this.#shower(flags);
    const messages = resumingWatch(request, {
      watch: client.watch,
      timing: systemTiming,
      onLost: words => notice(`${words}; connecting again`),
      onBack: afterMs => notice(`connected again after ${shortDuration(afterMs)}`),
    });
    for await (const response of messages) {
      if (this.#token === '') notice(`watching ${targetWords(request.targets)} at ${client.address}; Ctrl-C ends it`);
      if (flags.bookmarks || !isBookmark(response)) await show(response);
      this.#token = response.resumeToken;
    }
  }

  /** What is done with each message: a command run, JSON written, or lines for a person. */
  #shower(flags: {exec?: string; json: boolean}): (response: WatchResponse) => Promise<void> {
    const {exec, json} = flags;
    if (exec !== undefined) return response => this.#run(exec, response);
    if (json) return response => this.write(watchObjects(response, this.#token).map(jsonLine).join(''));
    const text = new WatchText({clock: systemClock, columns: () => process.stdout.columns ?? 80});
    return response => this.write(text.lines(response));
  }

  async #run(command: string, response: WatchResponse): Promise<void> {
    for (const object of watchObjects(response, this.#token)) {
      const failure = await runForObject(command, object);
      const key = object.event ? ` ${quote(object.event.entry?.key ?? '')}` : '';
      if (failure) this.say(`the command ${failure}, for ${object.name}${key}`);
    }
  }

  /** Ctrl-C ends the process by the signal, as everywhere, once a person knows where to go on. */
  #tellTokenOnInterrupt(): void {
    process.once('SIGINT', () => {
      if (process.stderr.isTTY && this.#token !== '') this.say(`\nto go on from here: --from ${this.#token}`);
      process.kill(process.pid, 'SIGINT');
    });
  }
}

function isBookmark({message}: WatchResponse): boolean {
  return message?.$case === 'created' || message?.$case === 'bookmark';
}
