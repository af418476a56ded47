/**
 * `/-/ui`: the page and its files, as they are in src/http/ui, read once at start. A
 * browser keeps them and asks whether they are still the same.
 */
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {headerOf} from './headers.js';
import type {Handler} from './types.js';

/** The folder beside this file; the build copies it. */
const folder = new URL('./ui/', import.meta.url);

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

/** The page and its files, by path. */
export function uiFiles(): [path: string, handler: Handler][] {
  return readdirSync(folder).map(name => {
    const path = name === 'index.html' ? '/-/ui' : `/-/ui/${name}`;
    return [path, fileHandler(readFileSync(new URL(name, folder)), contentTypes[name.split('.').at(-1)!]!)];
  });
}

function fileHandler(bytes: Uint8Array, contentType: string): Handler {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const headers = {
    etag,
    'cache-control': 'no-cache',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  return (request, sink) => {
    if (headerOf(request.headers, 'if-none-match')?.includes(etag)) {
      sink.start(304, headers);
      sink.end();
      return;
    }
    sink.start(200, {...headers, 'content-type': contentType, 'content-length': String(bytes.length)});
    sink.end(request.method === 'HEAD' ? undefined : bytes);
  };
}
