/**
 * A real browser's EventSource on /-/watch: it comes back by itself behind a cut connection
 * with nothing lost and nothing twice, and after a restart of the server it hears of a gap
 * and of all that there is.
 */
import assert from 'node:assert/strict';
import type {Browser, Page} from 'playwright-core';
import {withBrowser} from './lib/browser.js';
import {check, heading} from './lib/checks.js';
import {CutProxy} from './lib/cut-proxy.js';
import {startServer} from './lib/server.js';

const waitMsMost = 20_000;

export async function checkEventSource(transport: string): Promise<void> {
  heading('EventSource');
  const args = ['--transport', transport];
  await withBrowser('events', async browser => {
    await check('a cut connection is resumed with nothing lost and nothing twice', () => checkCuts(browser, args));
    await check('an outage is resumed too', () => checkOutage(browser, args));
    await check('after a restart there is a gap, and all that there is', () => checkRestart(browser, args));
  });
}

/** Cut again and again while changes go on, at whatever point of the stream. */
async function checkCuts(browser: Browser, args: string[]): Promise<void> {
  const server = await startServer({args});
  const proxy = await CutProxy.start(server.port);
  try {
    const seen = await watchIn(browser, `127.0.0.1:${proxy.port}`);
    const puts: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 50; number++) {
        puts.push(`put ${round}-${number}`);
        if (number === 25) proxy.cut();
        await put(server.address, `${round}-${number}`);
      }
      await seen.until(puts.at(-1)!);
    }
    assert.deepEqual(await seen.all(), puts);
  } finally {
    await proxy.stop();
    await server.stop();
  }
}

async function checkOutage(browser: Browser, args: string[]): Promise<void> {
  const server = await startServer({args});
  const proxy = await CutProxy.start(server.port);
  try {
    const seen = await watchIn(browser, `127.0.0.1:${proxy.port}`);
    await put(server.address, 'before');
    await seen.until('put before');
    proxy.refuse(true);
    await put(server.address, 'meanwhile');
    await new Promise(resolve => setTimeout(resolve, 4000));
    proxy.refuse(false);
    await seen.until('put meanwhile');
    assert.deepEqual(await seen.all(), ['put before', 'put meanwhile']);
  } finally {
    await proxy.stop();
    await server.stop();
  }
}

async function checkRestart(browser: Browser, args: string[]): Promise<void> {
  let server = await startServer({args});
  try {
    const seen = await watchIn(browser, server.address);
    await put(server.address, 'first');
    await seen.until('put first');
    await server.stop();
    server = await startServer({args, port: server.port});
    await put(server.address, 'second');
    await seen.until('snapshot-end');
    await put(server.address, 'third');
    await seen.until('put third');
    const all = await seen.all();
    assert.equal(all.shift(), 'put first');
    assert.equal(all.shift(), 'draining');
    assert.deepEqual(all, ['gap restarted', 'listed second', 'snapshot-end', 'put third']);
  } finally {
    await server.stop();
  }
}

interface Seen {
  all(): Promise<string[]>;
  until(event: string): Promise<void>;
}

/** The script of a page that keeps what its EventSource brings; a text, since it runs in the browser. */
const script = `
  window.seen = [];
  const source = new EventSource('/-/watch?prefix=');
  for (const name of ['put', 'gap', 'listed', 'snapshot-end', 'draining']) {
    source.addEventListener(name, event => {
      const {key, reason} = JSON.parse(event.data);
      window.seen.push([name, key ?? reason].filter(Boolean).join(' '));
    });
  }
  new Promise(resolve => source.addEventListener('open', () => resolve()));
`;

async function watchIn(browser: Browser, address: string): Promise<Seen> {
  const page: Page = await browser.newPage();
  await page.goto(`http://${address}/-/healthy`);
  await page.evaluate(script);
  return {
    all: () => page.evaluate<string[]>('window.seen'),
    until: async event => {
      await page.waitForFunction(`window.seen.includes(${JSON.stringify(event)})`, undefined, {timeout: waitMsMost});
    },
  };
}

async function put(address: string, key: string): Promise<void> {
  const response = await fetch(`http://${address}/${key}`, {method: 'PUT', body: 'x'});
  assert(response.ok);
}
