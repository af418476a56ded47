import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {limits} from '../../src/base/index.js';
import {type Entry, EntryView} from '../../src/gen/krusty/cache/v1/entry.js';
import {parseCount} from '../lib/arguments.js';
import type {CacheClient} from '../lib/client.js';
import {ClientCommand, exits} from '../lib/command.js';
import {namespaceFlag, zero} from '../lib/flags.js';
import {entryToJson} from '../lib/json.js';
import {listHeader, listRow} from '../lib/render.js';
import {oneLine} from '../lib/text.js';

export default class List extends ClientCommand {
  static override summary = 'List keys, all of them or those that begin with a prefix.';
  static override description =
    `In no particular order. A key with control characters is written as a JSON string; -0 writes exact bytes.\n\n${exits('5 no server')}`;
  static override args = {
    prefix: Args.string({description: 'what the keys begin with', ignoreStdin: true}),
  };
  static override flags = {
    ...namespaceFlag,
    limit: Flags.string({helpValue: 'N', description: 'at most N keys; all if not given'}),
    long: Flags.boolean({char: 'l', description: 'a table with revision, size and expiry', exclusive: ['null']}),
    null: Flags.boolean({char: zero, description: 'write keys exactly, with a zero byte behind each, not a line end'}),
  };
  static override examples = [
    '<%= config.bin %> list',
    '<%= config.bin %> list user: --long --limit 20',
    '<%= config.bin %> list -0 user: | <%= config.bin %> batch-get -0 --keys-from -',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(List);
    const limit = flags.limit === undefined ? Number.POSITIVE_INFINITY : parseCount('--limit', flags.limit);
    const request = {
      prefix: args.prefix ?? '',
      namespace: flags.namespace ?? '',
      metadataOnly: true,
      view: flags.long || flags.json ? EntryView.ENTRY_VIEW_FULL : EntryView.ENTRY_VIEW_BASIC,
    };
    const client = await this.connect(flags);
    if (flags.json) return this.#writeJson(pages(client, request, limit));

    const format = flags.long ? listRow : flags.null ? exactKey : plainKey;
    let isFirst = true;
    for await (const entries of pages(client, request, limit)) {
      if (flags.long && isFirst && entries.length > 0) await this.write(listHeader);
      isFirst &&= entries.length === 0;
      await this.write(entries.map(format).join(''));
    }
  }

  /** One document, written page by page, so that memory does not grow with the cache. */
  async #writeJson(allPages: AsyncIterable<Entry[]>): Promise<void> {
    let separator = '\n';
    let text = '{\n  "entries": [';
    for await (const entries of allPages) {
      for (const entry of entries) {
        text += `${separator}    ${JSON.stringify(entryToJson(entry))}`;
        separator = ',\n';
      }
      await this.write(text);
      text = '';
    }
    await this.write(`${text}${separator === '\n' ? '' : '\n  '}]\n}\n`);
  }
}

/** The entries, a page at a time, until the limit. */
async function* pages(
  client: CacheClient,
  request: Parameters<CacheClient['list']>[0],
  limit: number,
): AsyncGenerator<Entry[]> {
  let pageToken = '';
  let left = limit;
  do {
    const response = await client.list({...request, pageToken, pageSize: Math.min(left, limits.pageSizeMost)});
    yield response.entries.slice(0, left);
    left -= response.entries.length;
    pageToken = response.nextPageToken;
  } while (pageToken !== '' && left > 0);
}

function plainKey(entry: Entry): string {
  return `${oneLine(entry.key)}\n`;
}

function exactKey(entry: Entry): string {
  return `${entry.key}\0`;
}
