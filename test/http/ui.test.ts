/** `/-/ui` and `/-/docs`: how the pages are served, and that their files hold to what their policy allows. */
import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {httpTest} from './helpers/http-parts.js';

const pages = ['ui', 'docs'];
const files = pages.flatMap(page => {
  const folder = new URL(`../../../src/http/${page}/`, import.meta.url);
  return readdirSync(folder).map(name => {
    const path = name === 'index.html' ? `/-/${page}` : `/-/${page}/${name}`;
    return {path, name, text: readFileSync(new URL(name, folder), 'utf8')};
  });
});

httpTest('each file is served as it is written, with its type, and kept by the browser', async (t, start) => {
  const {ask} = await start();
  const types: Record<string, string> = {
    html: 'text/html',
    css: 'text/css',
    js: 'text/javascript',
    svg: 'image/svg+xml',
  };
  for (const {path, name, text} of files) {
    const {status, headers, body} = await ask('GET', path);
    t.is(status, 200, path);
    t.is(body.toString(), text, path);
    t.is(headers['content-type']?.split(';')[0], types[name.split('.').at(-1)!], path);
    const statusIf = async (tag: string) => (await ask('GET', path, {headers: {'if-none-match': tag}})).status;
    t.is(await statusIf(headers.etag!), 304, path);
    t.is(await statusIf('"else"'), 200, path);
    t.is((await ask('HEAD', path)).body.length, 0, path);
  }
});

httpTest('the policy lets in nothing but the files of the server', async (t, start) => {
  const {ask} = await start();
  for (const page of pages) {
    const {headers} = await ask('GET', `/-/${page}`);
    const policy = headers['content-security-policy']!;
    t.true(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self'"));
    t.false(/unsafe|\*|https?:|data:/.test(policy));
    t.is(headers['x-content-type-options'], 'nosniff');
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

httpTest('a browser is sent from / to the page, and curl gets its help', async (t, start) => {
  const {ask} = await start();
  const toBrowser = await ask('GET', '/', {headers: {accept: 'text/html,application/xhtml+xml,*/*;q=0.8'}});
  t.is(toBrowser.status, 302);
  t.is(toBrowser.headers.location, '/-/ui');
  const toCurl = await ask('GET', '/', {headers: {accept: '*/*'}});
  t.is(toCurl.status, 200);
  t.regex(toCurl.body.toString(), /curl -X PUT/);
});
