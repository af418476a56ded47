/** `/-/ui` and `/-/docs`: how the pages are served, and that their files hold to what their policy allows. */
import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {startParts} from '../helpers/test-server.js';

const pages = ['ui', 'docs'];
const files = pages.flatMap(page => {
  const folder = new URL(`../../../src/http/${page}/`, import.meta.url);
  return readdirSync(folder).map(name => {
    const path = name === 'index.html' ? `/-/${page}` : `/-/${page}/${name}`;
    return {path, name, text: readFileSync(new URL(name, folder), 'utf8')};
  });
});

test('each file is served as it is written, with its type, and kept by the browser', async t => {
  const {address} = await startParts(t, 'grpc-js');
  const types: Record<string, string> = {
    html: 'text/html',
    css: 'text/css',
    js: 'text/javascript',
    svg: 'image/svg+xml',
  };
  for (const {path, name, text} of files) {
    const url = `http://${address}${path}`;
    const response = await fetch(url);
    t.is(response.status, 200, path);
    t.is(await response.text(), text, path);
    t.is(response.headers.get('content-type')?.split(';')[0], types[name.split('.').at(-1)!], path);
    const etag = response.headers.get('etag')!;
    const again = await fetch(url, {headers: {'if-none-match': etag}});
    t.is(again.status, 304, path);
    t.is((await fetch(url, {headers: {'if-none-match': '"else"'}})).status, 200, path);
    t.is(await (await fetch(url, {method: 'HEAD'})).text(), '', path);
  }
});

test('the policy lets in nothing but the files of the server', async t => {
  const {address} = await startParts(t, 'grpc-js');
  for (const page of pages) {
    const response = await fetch(`http://${address}/-/${page}`);
    const policy = response.headers.get('content-security-policy')!;
    t.true(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self'"));
    t.false(/unsafe|\*|https?:|data:/.test(policy));
    t.is(response.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('nothing runs inline, nothing is loaded from elsewhere, no text becomes HTML', t => {
  for (const {path, name, text} of files) {
    const elsewhere = text.replaceAll('http://www.w3.org/2000/svg', '').match(/https?:\/\//g);
    t.is(elsewhere, null, path);
    if (name.endsWith('.js'))
      t.notRegex(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser/, path);
    if (name.endsWith('.html')) t.notRegex(text, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|javascript:/, path);
  }
});

test('the pages lead to each other', t => {
  for (const [from, to] of [
    ['/-/ui', 'docs'],
    ['/-/docs', 'ui'],
  ]) {
    t.true(files.find(({path}) => path === from)!.text.includes(`href="${to}"`), from);
  }
});

test('a browser is sent from / to the page, and curl gets its help', async t => {
  const {address} = await startParts(t, 'grpc-js');
  const ask = (accept: string) => fetch(`http://${address}/`, {headers: {accept}, redirect: 'manual'});
  const toBrowser = await ask('text/html,application/xhtml+xml,*/*;q=0.8');
  t.is(toBrowser.status, 302);
  t.is(toBrowser.headers.get('location'), '/-/ui');
  const toCurl = await ask('*/*');
  t.is(toCurl.status, 200);
  t.regex(await toCurl.text(), /curl -X PUT/);
});
