/** A real browser for checks of pages: found on this machine, watched over, and photographed. */
import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import {type Browser, chromium, type Page} from 'playwright-core';
import {check, skip} from './checks.js';
import {findChromium} from './programs.js';
import {inRoot} from './root.js';

const waitMsMost = 15_000;

/** Runs checks in a browser, which is closed behind them; they are skipped where there is none. */
export async function withBrowser(part: string, body: (browser: Browser) => Promise<void>): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    return skip(part, 'there is no Chromium (on Debian: test/interop/install-browser.sh)');
  }
  const browser = await chromium.launch({executablePath});
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}

/** Runs checks on a new tab, which may load from this address alone and may not complain. */
export async function withCleanPage(
  browser: Browser,
  address: string,
  body: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage({baseURL: `http://${address}`});
  page.setDefaultTimeout(waitMsMost);
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', error => void complaints.push(String(error)));
  page.on('request', request => void (new URL(request.url()).host !== address && foreign.push(request.url())));
  await body(page);
  await check('nothing is loaded from elsewhere', () => assert.deepEqual(foreign, []));
  await check('the browser has nothing to complain of', () => assert.deepEqual(complaints, []));
  await page.close();
}

/** Widths of a desk and of a phone, light and dark. */
const looks = [
  {width: 1280, height: 900},
  {width: 390, height: 844},
].flatMap(viewport => (['light', 'dark'] as const).map(colorScheme => ({viewport, colorScheme})));

export interface LooksOptions {
  browser: Browser;
  address: string;
  /** The screenshots are build/page/NAME-WIDTH-SCHEME.png. */
  name: string;
  /** Brings a new tab to what is looked at. */
  show(page: Page): Promise<void>;
  /** Shows the rest, which has to fit too but is too long for a screenshot. */
  unfold?(page: Page): Promise<void>;
}

/** That a page fits in each look; a screenshot of each is left for whoever wants to look. */
export async function checkLooks({browser, address, name, show, unfold}: LooksOptions): Promise<void> {
  const folder = inRoot('build', 'page');
  mkdirSync(folder, {recursive: true});
  for (const {viewport, colorScheme} of looks) {
    await check(`it fits ${viewport.width} pixels, ${colorScheme}`, async () => {
      const page = await browser.newPage({baseURL: `http://${address}`, viewport, colorScheme});
      await show(page);
      const path = `${folder}/${name}-${viewport.width}-${colorScheme}.png`;
      await page.screenshot({path, fullPage: unfold === undefined});
      await unfold?.(page);
      const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert(scroll <= viewport.width, `it is ${scroll} wide`);
      await page.close();
    });
  }
}
