/**
 * The programs of the README that keep a map right by watching, in Go and in Python,
 * as they stand there. They run side by side, on a network that fails and before a
 * server that fails, while entries change in every way. When a failure is over, each
 * program must come to have exactly what List says.
 *
 * Changes are drawn from a seed, which is printed; KRUSTY_SEED gives it back.
 */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random} from '../helpers/random.js';
import {buildGo, goFolder} from './clients.js';
import {BadNetwork} from './lib/bad-network.js';
import {ChangingServer, historyBytes} from './lib/changing-server.js';
import {check, heading, skip} from './lib/checks.js';
import {Follower} from './lib/follower.js';
import {inRoot} from './lib/root.js';
import {goMissing, makeGoStubs, makePythonStubs, pythonMissing, pythonWithPackages} from './lib/toolchain.js';
import {until} from './lib/until.js';
import {atAddress, findBlocks, writeBlock} from './readme.js';

/** What the programs follow. */
const prefix = 'config/';
const changesAtOnce = 500;
/** More than all buffers between a server and a client that does not read. */
const floodBytes = 40 * 1024 * 1024;

/** A program, and the network that it alone is on. */
interface Client {
  follower: Follower;
  network: BadNetwork;
}

interface Failure {
  name: string;
  /** How often each program comes upon a gap. */
  gaps: number;
  happens(server: ChangingServer, clients: readonly Client[]): Promise<void>;
}

export async function checkWatch(transport: string): Promise<void> {
  const seed = process.env.KRUSTY_SEED ? Number(process.env.KRUSTY_SEED) : Math.floor(Math.random() * 2 ** 32);
  heading(`The watching programs of the README, among failures (KRUSTY_SEED=${seed})`);
  const server = await ChangingServer.start(new Random(seed), transport);
  const clients: Client[] = [];
  try {
    await server.change(changesAtOnce);
    for (const language of ['Go', 'Python'] as const) {
      const missing = await missingFor[language]();
      if (missing === undefined) clients.push(await startClient(language, server.port));
      else skip(`${language}: the program of the README`, missing);
    }
    if (clients.length > 0) for (const failure of failures) await checkFailure(failure, server, clients);
  } finally {
    for (const {follower, network} of clients) {
      await follower.end();
      network.close();
    }
    await check('watch: the server ends by itself', () => server.close());
  }
}

/** Lets it happen, and waits until every program has what there is then. */
async function checkFailure(failure: Failure, server: ChangingServer, clients: readonly Client[]): Promise<void> {
  const {name, gaps, happens} = failure;
  await check(`it happens: ${name}`, () => happens(server, clients));
  await server.put(`${prefix}step`, name);
  for (const {follower} of clients) {
    await check(`${follower.name}: ${name}`, () => follower.comesToHave(() => server.list(prefix)));
  }
  await check(`gaps: ${name}`, async () => assert.equal(await server.newResyncs(), gaps * clients.length));
}

const failures: readonly Failure[] = [
  {
    name: 'none, and changes of every kind',
    gaps: 0,
    async happens(server, clients) {
      // In small steps: what one event did to a map must not be made good by the next before anyone looks.
      for (let step = 0; step < 30; step++) {
        await server.change(20);
        await onEach(clients, ({follower}) => follower.comesToHave(() => server.list(prefix)));
      }
      const {puts, touches, deletes, expirations, evictionsEntries, purged} = await server.counts();
      const kinds = {puts, touches, deletes, expirations, evictionsEntries, purged};
      for (const [kind, count] of Object.entries(kinds)) assert(count > 0n, `no ${kind}`);
    },
  },
  {
    name: 'connections break, and break again',
    gaps: 0,
    async happens(server, clients) {
      await server.whileChanging(async () => {
        for (let time = 0; time < 3; time++)
          await onEach(
            clients,
            reconnection(({network}) => network.cut()),
          );
      });
    },
  },
  {
    name: 'they are away for longer than the history reaches',
    gaps: 1,
    async happens(server, clients) {
      await away(server, clients);
      await onEach(clients, async ({network}) => network.goUp());
    },
  },
  // These are created, gap, and the first of the snapshot. A gap that was not told the first time is told again.
  ...[1, 2, 3, 4].map(messages => ({
    name: `while a gap heals, the connection breaks behind message ${messages}`,
    gaps: messages === 1 ? 2 : 1,
    async happens(server: ChangingServer, clients: readonly Client[]) {
      await away(server, clients);
      const large = ['large-1', 'large-2', 'large-3'].map(name => prefix + name);
      for (const key of large) await server.put(key, key.repeat(5000));
      await onEach(clients, async ({follower, network}) => {
        const seen = follower.messages + messages;
        network.goUp(messages);
        await until(`${follower.name} has the first ${messages} messages`, () => follower.messages === seen);
        network.goUp();
        network.cut();
        await follower.comesToHave(() => server.list(prefix));
      });
      for (const key of large) await server.delete(key);
    },
  })),
  {
    name: 'they stall, and the history passes them',
    gaps: 1,
    async happens(server, clients) {
      await onEach(clients, async ({follower}) => follower.stall());
      await server.flood(`${prefix}flood`, floodBytes);
      await server.change(changesAtOnce);
      await onEach(clients, async ({follower}) => follower.goOn());
    },
  },
  {
    name: 'the network falls silent',
    gaps: 0,
    async happens(server, clients) {
      await onEach(clients, async client => {
        const reconnects = reconnection(({network}) => network.fallSilent())(client);
        await server.change(changesAtOnce);
        await reconnects;
      });
    },
  },
  {
    name: 'the server is stopped, and started again',
    gaps: 1,
    async happens(server) {
      await server.whileChanging(async () => {
        await server.stop();
        await server.startAgain();
      });
      await server.change(changesAtOnce);
    },
  },
  {
    name: 'the server is killed, and started again',
    gaps: 1,
    async happens(server) {
      await server.whileChanging(() => server.kill());
      await server.startAgain();
    },
  },
];

/** Takes them off the network until nothing that they know of is in the history. */
async function away(server: ChangingServer, clients: readonly Client[]): Promise<void> {
  await onEach(clients, async ({network}) => network.goDown());
  await until('the server has no watchers', async () => (await server.watchers()) === 0);
  await server.change(changesAtOnce);
  await server.flood('other/flood', 2 * historyBytes);
}

/** Does something to a client, and waits until it has connected again. */
function reconnection(does: (client: Client) => void): (client: Client) => Promise<void> {
  return async client => {
    const before = client.network.connections;
    does(client);
    await until(`${client.follower.name} connects again`, () => client.network.connections > before);
  };
}

async function onEach(clients: readonly Client[], does: (client: Client) => Promise<void>): Promise<void> {
  await Promise.all(clients.map(does));
}

const missingFor = {Go: goMissing, Python: pythonMissing};

async function startClient(language: 'Go' | 'Python', port: number): Promise<Client> {
  const network = await BadNetwork.start(port);
  const blocks = findBlocks(readFileSync(inRoot('README.md'), 'utf8'), 'interop-watch');
  const block = blocks.find(each => each.language === language.toLowerCase());
  assert(block, `the README has no program in ${language} that watches`);
  const text = atAddress(block.text, network.address);
  const follower = language === 'Go' ? await startGo(text) : await startPython(text);
  return {follower, network};
}

async function startGo(text: string): Promise<Follower> {
  await makeGoStubs(goFolder);
  writeBlock(join(goFolder, 'gen', 'readme-watch', 'main.go'), text);
  return new Follower('Go', [await buildGo('gen/readme-watch')]);
}

async function startPython(text: string): Promise<Follower> {
  const PYTHONPATH = await makePythonStubs();
  const file = writeBlock(inRoot('build', 'readme', 'watch.py'), text);
  return new Follower('Python', [await pythonWithPackages(), file], {PYTHONPATH});
}
