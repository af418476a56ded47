/**
 * `/-/ui` and `/-/docs`: two pages and their files, as they are in the folders beside this
 * file (the build copies them), read once at start.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {staticContent} from './static-content.js';
import type {Handler} from './types.js';

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * Values live at the same origin and say what their writers like. So nothing but files of
 * this server is loaded, nothing inline runs, and no text can become HTML.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {'content-security-policy': policy, 'referrer-policy': 'no-referrer'};

export type PageName = 'ui' | 'docs';

/** A page and its files, by path. */
export function pageFiles(page: PageName): [path: string, handler: Handler][] {
  const folder = new URL(`./${page}/`, import.meta.url);
  return readdirSync(folder).map(name => {
    const path = name === 'index.html' ? `/-/${page}` : `/-/${page}/${name}`;
    const contentType = contentTypes[name.split('.').at(-1)!]!;
    return [path, staticContent(readFileSync(new URL(name, folder)), contentType, headers)];
  });
}
