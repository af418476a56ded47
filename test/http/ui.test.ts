/** `/-/ui`: how the page is served, and that its files hold to what its policy allows. */
import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {startParts} from '../helpers/test-server.js';

const folder = new URL('../../../src/http/ui/', import.meta.url);
const names = readdirSync(folder);

test('each file is served as it is written, with its type, and kept by the browser', async t => {
  const {address} = await startParts(t, 'grpc-js');
  const types: Record<string, string> = {
    html: 'text/html',
    css: 'text/css',
    js: 'text/javascript',
    svg: 'image/svg+xml',
  };
  for (const name of names) {
    const url = `http://${address}/-/ui${name === 'index.html' ? '' : `/${name}`}`;
    const response = await fetch(url);
    t.is(response.status, 200, name);
    t.is(await response.text(), readFileSync(new URL(name, folder), 'utf8'), name);
    t.is(response.headers.get('content-type')?.split(';')[0], types[name.split('.').at(-1)!], name);
    const etag = response.headers.get('etag')!;
    const again = await fetch(url, {headers: {'if-none-match': etag}});
    t.is(again.status, 304, name);
    t.is((await fetch(url, {headers: {'if-none-match': '"else"'}})).status, 200, name);
    t.is(await (await fetch(url, {method: 'HEAD'})).text(), '', name);
  }
});

test('the policy lets in nothing but the files of the server', async t => {
  const {address} = await startParts(t, 'grpc-js');
  const response = await fetch(`http://${address}/-/ui`);
  const policy = response.headers.get('content-security-policy')!;
  t.true(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self'"));
  t.false(/unsafe|\*|https?:|data:/.test(policy));
  t.is(response.headers.get('x-content-type-options'), 'nosniff');
});

test('nothing runs inline, nothing is loaded from elsewhere, no text becomes HTML', t => {
  for (const name of names) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const elsewhere = text.replaceAll('http://www.w3.org/2000/svg', '').match(/https?:\/\//g);
    t.is(elsewhere, null, name);
    if (name.endsWith('.js'))
      t.notRegex(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser/, name);
    if (name.endsWith('.html')) t.notRegex(text, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|javascript:/, name);
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
