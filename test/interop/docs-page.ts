/**
 * The page at /-/docs in a real browser: that all operations are there and found, that
 * what it says to type works, that it fits on a desk and on a phone, light and dark.
 * Screenshots are left in build/page for whoever wants to look.
 */
import assert from 'node:assert/strict';
import type {Page} from 'playwright-core';
import {checkLooks, withBrowser, withCleanPage} from './lib/browser.js';
import {check, heading} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';

export async function checkDocsPage(address: string): Promise<void> {
  heading('The documentation page');
  await withBrowser('docs', async browser => {
    await withCleanPage(browser, address, page => checkParts(page, address));
    await checkLooks({browser, address, name: 'docs', show: showOperation, unfold: unfoldAll});
  });
}

async function checkParts(page: Page, address: string): Promise<void> {
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

async function showOperation(page: Page): Promise<void> {
  await page.goto('/-/docs#CacheService_Put');
  await page.locator('#CacheService_Put h4').first().waitFor();
}

async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
}
