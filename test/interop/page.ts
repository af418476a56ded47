/**
 * The page at /-/ui in a real browser: what it shows, that it takes no value for HTML,
 * that it fits on a desk and on a phone, light and dark. Screenshots are left in
 * build/page for whoever wants to look.
 */
import assert from 'node:assert/strict';
import type {Page} from 'playwright-core';
import {checkLooks, withBrowser, withCleanPage} from './lib/browser.js';
import {check, heading} from './lib/checks.js';

export async function checkPage(address: string): Promise<void> {
  heading('The page');
  await withBrowser('page', async browser => {
    await fill(address);
    await withCleanPage(browser, address, page => checkParts(page, address));
    await checkLooks({browser, address, name: 'ui', show: page => showEntry(page, address)});
  });
}

const evil = '<img src=x onerror="document.title=1">';

/** Entries of all kinds. */
async function fill(address: string): Promise<void> {
  await put(address, 'page/text', 'hello\nworld');
  await put(address, 'page/json', '{"id":12345678901234567890,"list":[1,{"a":"b"}],"none":{}}');
  await put(address, 'page/binary', Uint8Array.of(0, 1, 254, 255, 72, 105));
  await put(address, `page/${evil}`, evil);
  await put(address, 'page/short-lived', 'x', '?ttl=90s');
  await put(address, 'page/large', 'x'.repeat(200_000));
  for (let number = 0; number < 250; number++) await put(address, `many/${number}`, 'x');
}

async function put(address: string, key: string, body: string | Uint8Array, query = ''): Promise<void> {
  const response = await fetch(`http://${address}/${key.split('/').map(encodeURIComponent).join('/')}${query}`, {
    method: 'PUT',
    body: Buffer.from(body),
    headers: {'content-type': ''},
  });
  assert(response.ok, `PUT ${key}: ${response.status}`);
}

async function checkParts(page: Page, address: string): Promise<void> {
  await page.goto('/');
  await check('a browser is sent from / to the page', () => assert.equal(new URL(page.url()).pathname, '/-/ui'));
  await check('the charts show what the server does', async () => {
    assert.equal(await page.locator('.chart').count(), 6);
    await shows(page, '.chart:nth-child(4) .now', /^\d/);
    await fetch(`http://${address}/page/text`);
    await shows(page, '.chart:nth-child(1) .now', /^100\.0 %$/);
    await page.locator('.chart:nth-child(4) path.first[d^=M]').waitFor({state: 'attached'});
  });
  await checkKeys(page);
  await checkViewer(page, address);
  await checkTail(page, address);
}

async function checkKeys(page: Page): Promise<void> {
  const rows = page.locator('#keys .row');
  await check('keys are found by their prefix, a page at a time', async () => {
    // What was listed before, without a prefix, looks the same.
    const listed = page.waitForResponse(response => response.url().includes('prefix=many'));
    await page.fill('#prefix', 'many/');
    await listed;
    await shows(page, '#keys li:nth-child(1) .key', /^many/);
    await shows(page, '#keys-state', /^100 so far$/);
    await page.click('#more');
    await shows(page, '#keys-state', /^200 so far$/);
    await page.click('#more');
    await shows(page, '#keys-state', /^250$/);
    assert.equal(await rows.count(), 250);
    assert.equal(await page.locator('#more').isVisible(), false);
  });
  await check('a prefix of nothing finds nothing', async () => {
    await page.fill('#prefix', 'nothing/');
    await page.waitForSelector('text=No keys here.');
  });
  await check('a key that is HTML is a text', async () => {
    await page.fill('#prefix', 'page/');
    await page.locator('#keys .key', {hasText: '<img'}).waitFor();
    assert.equal(await page.locator('#keys img').count(), 0);
  });
}

async function checkViewer(page: Page, address: string): Promise<void> {
  const open = async (name: string) => {
    await page.locator('#keys .row', {hasText: name}).click();
    await page.locator('#entry pre').waitFor();
    return page.locator('#entry pre').textContent();
  };
  const fact = (name: string) => page.locator('#entry dl div', {hasText: name}).locator('dd').textContent();
  await check('a text is shown as it is', async () => assert.equal(await open('page/text'), 'hello\nworld'));
  await check('JSON is shown with indents and whole numbers', async () => {
    const expected = [
      '{',
      '  "id": 12345678901234567890,',
      '  "list": [',
      '    1,',
      '    {',
      '      "a": "b"',
      '    }',
      '  ],',
      '  "none": {}',
      '}',
    ];
    assert.equal(await open('page/json'), expected.join('\n'));
  });
  await check('bytes are shown in hexadecimal', async () => {
    assert.match((await open('page/binary'))!, /^00000000 {2}00 01 fe ff 48 69 +\.\.\.\.Hi$/);
  });
  await check('a value that is HTML is a text', async () => {
    assert.equal(await open('<img'), evil);
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.title(), 'Krusty Kache');
  });
  await check('of a large value the beginning is shown', async () => {
    assert.equal((await open('page/large'))!.length, 65_536);
    assert.equal(await fact('Value'), '200,000 bytes');
  });
  await check('a TTL is counted down', async () => {
    await open('page/short-lived');
    const first = await fact('Expires in');
    assert.match(first!, /^(1 min \d+ s|1 min|\d+ s)$/);
    await page.locator('#entry dl div:nth-child(1) dd').filter({hasNotText: first!}).waitFor();
  });
  await check('of a key that is gone the page tells why', async () => {
    await put(address, 'page/deleted', 'x');
    await fetch(`http://${address}/page/deleted`, {method: 'DELETE'});
    await page.fill('#prefix', 'page/deleted');
    await page.click('#search button');
    await page.waitForSelector('text=There is no entry under this key.');
    assert.match((await fact('Last change'))!, /^deleted, \d+ s ago$/);
  });
}

async function checkTail(page: Page, address: string): Promise<void> {
  const rows = page.locator('#tail .row');
  await check('changes show as they happen, and a pause loses none', async () => {
    await follow(page, 'tail/');
    await page.click('#tail-clear');
    await put(address, 'tail/a', 'x');
    await put(address, 'other', 'x');
    await rows.first().waitFor();
    await page.click('#tail-pause');
    await put(address, 'tail/b', 'x');
    await page.click('#tail-pause');
    await put(address, 'tail/c', 'x');
    await rows.nth(2).waitFor();
    assert.deepEqual(await page.locator('#tail .key').allTextContents(), ['tail/c', 'tail/b', 'tail/a']);
  });
}

/** Types a prefix, and waits until the page follows what begins with it: until then a change is not shown. */
async function follow(page: Page, prefix: string): Promise<void> {
  const watched = page.waitForResponse(response => {
    const {pathname, searchParams} = new URL(response.url());
    return pathname.endsWith('/watch') && searchParams.get('prefix') === prefix;
  });
  await page.fill('#prefix', prefix);
  await watched;
  await shows(page, '#tail-state', /^live$/);
}

/** Waits until a part of the page has this text. */
async function shows(page: Page, selector: string, text: RegExp): Promise<void> {
  await page.locator(selector).filter({hasText: text}).waitFor();
}

/** An entry, and changes under the prefix as they happen. */
async function showEntry(page: Page, address: string): Promise<void> {
  await page.goto('/-/ui');
  await follow(page, 'page/');
  await page.locator('#keys .row', {hasText: 'page/json'}).click();
  await page.locator('#entry pre').waitFor();
  for (const key of ['look/a', 'page/b', 'page/c']) await put(address, key, 'x', '?ttl=1h');
  await fetch(`http://${address}/page/c`, {method: 'DELETE'});
  await page.locator('#tail .row').nth(2).waitFor();
  await page.waitForTimeout(4500);
}
