/**
 * The page at /-/docs in a real browser: that all operations are there and found, that
 * what it says to type works, that it fits on a desk and on a phone, light and dark.
 * Screenshots are left in build/page for whoever wants to look.
 */
import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import {type Browser, chromium, type Page} from 'playwright-core';
import {check, heading, skip} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';
import {findChromium} from './lib/programs.js';
import {inRoot} from './lib/root.js';
import {looks} from './page.js';

const waitMsMost = 15_000;

export async function checkDocsPage(address: string): Promise<void> {
  heading('The documentation page');
  const executablePath = findChromium();
  if (executablePath === undefined) {
    return skip('docs', 'there is no Chromium (on Debian: test/interop/install-browser.sh)');
  }
  const browser = await chromium.launch({executablePath});
  try {
    await checkParts(browser, address);
    await checkLooks(browser, address);
  } finally {
    await browser.close();
  }
}

async function checkParts(browser: Browser, address: string): Promise<void> {
  const page = await browser.newPage({baseURL: `http://${address}`});
  page.setDefaultTimeout(waitMsMost);
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', error => void complaints.push(String(error)));
  page.on('request', request => void (new URL(request.url()).host !== address && foreign.push(request.url())));

  await page.goto('/-/ui');
  await page.click('header a[href="docs"]');
  await page.locator('.operation').first().waitFor();
  await check('every operation is there, and every schema', async () => {
    const document = (await (await fetch(`http://${address}/-/openapi.json`)).json()) as {
      paths: Record<string, object>;
      components: {schemas: object};
    };
    const operations = Object.values(document.paths).flatMap(item => Object.keys(item));
    assert.equal(await page.locator('.operation').count(), operations.length);
    assert.equal(await page.locator('nav li').count(), operations.length);
    assert.equal(await page.locator('#schemas details').count(), Object.keys(document.components.schemas).length);
  });
  await check('an operation is found by its words', async () => {
    await page.fill('#filter', 'increment namespaces');
    assert.equal(await page.locator('.operation:visible').count(), 1);
    await page.fill('#filter', '');
    assert((await page.locator('.operation:visible').count()) > 40);
  });
  await check('an address unfolds what it names, and a type leads to its schema', async () => {
    await page.click('nav a[href="#CacheService_Get"]');
    await page.locator('#CacheService_Get h4', {hasText: 'Answers'}).waitFor();
    await page.locator('#CacheService_Get a', {hasText: 'GetResponse'}).first().click();
    await page.locator('[id="schema-krusty.cache.v1.GetResponse"] dl').waitFor();
  });
  await checkCurl(page);
  await check('nothing is loaded from elsewhere', () => assert.deepEqual(foreign, []));
  await check('the browser has nothing to complain of', () => assert.deepEqual(complaints, []));
  await page.close();
}

/** The first lines that a reader would type. */
async function checkCurl(page: Page): Promise<void> {
  await check('what it says to type works', async () => {
    const outputs: string[] = [];
    for (const id of ['putKey', 'getKey', 'CacheService_Get']) {
      const line = await page.locator(`#${id} .curl pre`).textContent();
      outputs.push(await runOrThrow('bash', ['-c', `${line!} -sS`], {timeoutMs: 10_000}));
    }
    assert.deepEqual(outputs.slice(0, 2), ['', 'hello']);
    assert.equal(JSON.parse(outputs[2]!).entry.value, 'aGVsbG8=');
  });
}

async function checkLooks(browser: Browser, address: string): Promise<void> {
  const folder = inRoot('build', 'page');
  mkdirSync(folder, {recursive: true});
  for (const {viewport, colorScheme} of looks) {
    await check(`it fits ${viewport.width} pixels, ${colorScheme}`, async () => {
      const page = await browser.newPage({baseURL: `http://${address}`, viewport, colorScheme});
      await page.goto('/-/docs#CacheService_Put');
      await page.locator('#CacheService_Put h4').first().waitFor();
      await page.screenshot({path: `${folder}/docs-${viewport.width}-${colorScheme}.png`});
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert(scroll <= viewport.width, `it is ${scroll} wide`);
      await page.close();
    });
  }
}
