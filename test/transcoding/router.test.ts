/** The router: which route a path leads to, what its variables hold, and what is refused. */
import test from 'ava';
import {
  type Match,
  type PathTemplate,
  parseTemplate,
  RequestError,
  Router,
  TemplateError,
} from '../../src/transcoding/index.js';
import {Random, withSeed} from '../helpers/random.js';

/** Routes as `GET /v1/{a}`; each is its own name. */
function routerOf(...routes: string[]): Router<string> {
  const router = new Router<string>();
  for (const route of routes) {
    const [method, template] = route.split(' ') as [string, string];
    router.add(method, parseTemplate(template), route);
  }
  return router;
}

/** A match in a form to compare: the route and its bindings, `404`, or `405` with the methods. */
function describe(match: Match<string>): string {
  if (match.kind === 'found') return [match.route, ...match.bindings.map(text => JSON.stringify(text))].join(' ');
  return match.kind === 'notFound' ? '404' : `405 ${match.allowed.join()}`;
}

const library = routerOf(
  'GET /v1/books',
  'POST /v1/books',
  'POST /v1/books:batchGet',
  'GET /v1/books/{book}',
  'PUT /v1/books/{book}',
  'GET /v1/books/featured',
  'GET /v1/books/{book}:explain',
  'POST /v1/books/{book}:touch',
  'GET /v1/{name=shelves/*/books/*}',
  'GET /v1/files/{path=**}',
  'GET /v1/files/{path=**}:stat',
  'GET /v1/files/{path=raw/*}',
  'DELETE /v1/o/{name=o/**}',
  'GET /v1/x/*/{tail=**}',
  'GET /v1/a%20b/{c}',
  'HEAD /v1/own/{a}',
  'GET /v1/own/{a}',
  'PURGE /v1/purge/{a}',
  '* /v1/any/{a}',
  'PUT /v1/any/{a}',
);

const paths: Record<string, string> = {
  'GET /v1/books': 'GET /v1/books',
  'HEAD /v1/books': 'GET /v1/books',
  'DELETE /v1/books': '405 GET,HEAD,OPTIONS,POST',
  'OPTIONS /v1/books': '405 GET,HEAD,OPTIONS,POST',
  'get /v1/books': '405 GET,HEAD,OPTIONS,POST',
  'GET /v1': '404',
  'GET /': '404',
  'GET /v1/books/': '404',
  'GET /v1//books': '404',
  'GET //v1/books': '404',
  'GET /v1/books/a/b': '404',
  'GET /V1/books': '404',

  // Specificity, not order.
  'GET /v1/books/featured': 'GET /v1/books/featured',
  'GET /v1/books/other': 'GET /v1/books/{book} "other"',
  'PUT /v1/books/featured': 'PUT /v1/books/{book} "featured"',
  'GET /v1/files/raw/a': 'GET /v1/files/{path=raw/*} "raw/a"',
  'GET /v1/files/raw/a/b': 'GET /v1/files/{path=**} "raw/a/b"',

  // Verbs: only those that a template of the method declares, after the last colon.
  'POST /v1/books:batchGet': 'POST /v1/books:batchGet',
  'GET /v1/books:batchGet': '405 OPTIONS,POST',
  'POST /v1/books:other': '404',
  'POST /v1/books/a:touch': 'POST /v1/books/{book}:touch "a"',
  'POST /v1/books/a:b:touch': 'POST /v1/books/{book}:touch "a:b"',
  'GET /v1/books/a:touch': 'GET /v1/books/{book} "a:touch"',
  'GET /v1/books/a:explain': 'GET /v1/books/{book}:explain "a"',
  'PUT /v1/books/a:explain': 'PUT /v1/books/{book} "a:explain"',
  'GET /v1/books/a:b': 'GET /v1/books/{book} "a:b"',
  'GET /v1/books/:explain': 'GET /v1/books/{book} ":explain"',
  'GET /v1/books/a:': 'GET /v1/books/{book} "a:"',
  'GET /v1/books/a%3Aexplain': 'GET /v1/books/{book} "a:explain"',
  'GET /v1/books/a:%65xplain': 'GET /v1/books/{book}:explain "a"',
  'GET /v1/books/a%3Ab:explain': 'GET /v1/books/{book}:explain "a:b"',
  'POST /v1/books/:touch': '405 GET,HEAD,OPTIONS,PUT',
  'GET /v1/files/a/b:stat': 'GET /v1/files/{path=**}:stat "a/b"',
  'GET /v1/files/a:stat/b': 'GET /v1/files/{path=**} "a:stat/b"',
  'GET /v1/files:stat': 'GET /v1/files/{path=**}:stat ""',

  // One segment: everything is decoded, once.
  'GET /v1/books/a%2Fb': 'GET /v1/books/{book} "a/b"',
  'GET /v1/books/a%252Fb': 'GET /v1/books/{book} "a%2Fb"',
  'GET /v1/books/%25': 'GET /v1/books/{book} "%"',
  'GET /v1/books/%2525': 'GET /v1/books/{book} "%25"',
  'GET /v1/books/%C3%A4%F0%9F%98%80': 'GET /v1/books/{book} "ä😀"',
  'GET /v1/books/a+b': 'GET /v1/books/{book} "a+b"',
  'GET /v1/books/a%20b': 'GET /v1/books/{book} "a b"',
  'GET /v1/books/a;b=c,d': 'GET /v1/books/{book} "a;b=c,d"',
  'GET /v1/books/%3F%23': 'GET /v1/books/{book} "?#"',
  'GET /v1/books/%00': 'GET /v1/books/{book} "\\u0000"',
  'GET /v1/books/...': 'GET /v1/books/{book} "..."',
  'GET /v1/%62ooks/a': 'GET /v1/books/{book} "a"',
  'GET /v1%2Fbooks/a': '404',
  'GET /v1/a%20b/c': 'GET /v1/a%20b/{c} "c"',

  // Several segments: an escaped slash stays, as it was spelled.
  'GET /v1/shelves/1/books/2': 'GET /v1/{name=shelves/*/books/*} "shelves/1/books/2"',
  'GET /v1/shelves/a%2Fb/books/%25': 'GET /v1/{name=shelves/*/books/*} "shelves/a%2Fb/books/%"',
  'GET /v1/shelves/a%2fb/books/c%3Ad': 'GET /v1/{name=shelves/*/books/*} "shelves/a%2fb/books/c:d"',
  'GET /v1/files/a/b%2Fc/%C3%A4': 'GET /v1/files/{path=**} "a/b%2Fc/ä"',

  // `**` matches none as well, but never an empty segment.
  'GET /v1/files': 'GET /v1/files/{path=**} ""',
  'GET /v1/files/': '404',
  'GET /v1/files/a//b': '404',
  'DELETE /v1/o/o': 'DELETE /v1/o/{name=o/**} "o"',
  'DELETE /v1/o/o/p/q': 'DELETE /v1/o/{name=o/**} "o/p/q"',
  'DELETE /v1/o': '404',
  'GET /v1/x/a': 'GET /v1/x/*/{tail=**} ""',
  'GET /v1/x/a/b/c': 'GET /v1/x/*/{tail=**} "b/c"',
  'GET /v1/x': '404',

  // Methods of their own, and for any.
  'HEAD /v1/own/a': 'HEAD /v1/own/{a} "a"',
  'PURGE /v1/purge/a': 'PURGE /v1/purge/{a} "a"',
  'GET /v1/purge/a': '405 OPTIONS,PURGE',
  'PUT /v1/any/a': 'PUT /v1/any/{a} "a"',
  'GET /v1/any/a': '* /v1/any/{a} "a"',
  'OPTIONS /v1/any/a': '* /v1/any/{a} "a"',
};

for (const [asked, expected] of Object.entries(paths)) {
  test(`${asked} → ${expected}`, t => {
    const [method, path] = asked.split(' ') as [string, string];
    t.is(describe(library.match(method, path)), expected);
  });
}

const malformed = [
  '/v1/books/%',
  '/v1/books/%2',
  '/v1/books/%zz',
  '/v1/books/%2%30',
  '/v1/books/%FF',
  '/v1/books/%C0%AF',
  '/v1/books/%ED%A0%80',
  '/nowhere/%FF',
  '/v1/files//%FF',
  '/v1/books/..',
  '/v1/books/%2e%2E',
  '/v1/books/.%2e',
  '/v1/./books',
  '/v1/files/a/../b',
];

for (const path of malformed) {
  test(`${path} is malformed`, t => {
    const error = t.throws(() => library.match('GET', path), {instanceOf: RequestError});
    t.is(error.reason, 'MALFORMED_TARGET');
    t.is(error.httpStatus, 400);
  });
}

const clashes: [string, string][] = [
  ['GET /v1/{a}', 'GET /v1/{b}'],
  ['GET /v1/{a}', 'GET /v1/*'],
  ['GET /v1/{a=x/*}', 'GET /v1/x/{b}'],
  ['GET /v1/{a=**}', 'GET /v1/**'],
  ['GET /v1/x', 'GET /v1/x'],
  ['GET /v1/%61', 'GET /v1/a'],
  ['GET /v1/{a}:go', 'GET /v1/{b}:go'],
  ['* /v1/{a}', '* /v1/{b}'],
];

for (const [first, second] of clashes) {
  test(`${second} is refused beside ${first}`, t => {
    const error = t.throws(() => routerOf(first, second), {instanceOf: TemplateError});
    t.true(error.message.includes(`"${first.split(' ')[1]}"`), error.message);
    t.true(error.message.includes(`"${second.split(' ')[1]}"`), error.message);
  });
}

test('routes that only overlap stand beside each other', t => {
  const router = routerOf('GET /a/*', 'GET /*/b', 'POST /a/*', 'GET /a/*:go', 'GET /a/**', '* /a/*');
  t.is(describe(router.match('GET', '/a/b')), 'GET /a/*');
  t.is(describe(router.match('GET', '/c/b')), 'GET /*/b');
});

test('a path is looked up again where the more specific way ends', t => {
  const router = routerOf('GET /a/b/c', 'GET /a/{x}/d', 'GET /{x}/b/e', 'GET /{x=**}');
  t.is(describe(router.match('GET', '/a/b/c')), 'GET /a/b/c');
  t.is(describe(router.match('GET', '/a/b/d')), 'GET /a/{x}/d "b"');
  t.is(describe(router.match('GET', '/a/b/e')), 'GET /{x}/b/e "a"');
  t.is(describe(router.match('GET', '/a/b/f')), 'GET /{x=**} "a/b/f"');
});

interface PlainRoute {
  name: string;
  method: string;
  template: PathTemplate;
}

/** The same by trying every template, and of those that match taking the most specific. */
function matchPlainly(routes: readonly PlainRoute[], method: string, path: string): string {
  const raw = path.slice(1).split('/');
  if (raw.includes('')) return '404';
  const methods = method === 'HEAD' ? ['HEAD', 'GET', '*'] : [method, '*'];
  for (const each of methods) {
    const best = bestOf(
      routes.filter(route => route.method === each),
      raw,
    );
    if (best) return best;
  }
  const served = [...new Set(routes.map(route => route.method))].filter(each =>
    bestOf(
      routes.filter(route => route.method === each),
      raw,
    ),
  );
  if (served.length === 0) return '404';
  const implied = served.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS'];
  return `405 ${[...new Set([...served, ...implied])].sort().join()}`;
}

function bestOf(routes: readonly PlainRoute[], raw: readonly string[]): string | undefined {
  const last = raw.at(-1)!;
  const colon = last.lastIndexOf(':');
  const stem = [...raw.slice(0, -1), last.slice(0, colon)];
  const verb = colon > 0 ? decodeURIComponent(last.slice(colon + 1)) : '';
  const withVerb = verb === '' ? [] : routes.filter(each => each.template.verb === verb && fits(each.template, stem));
  if (withVerb.length > 0) return plainly(withVerb.sort(bySpecificity)[0]!, stem);
  const without = routes.filter(({template}) => template.verb === '' && fits(template, raw));
  return without.length > 0 ? plainly(without.sort(bySpecificity)[0]!, raw) : undefined;
}

function fits({segments}: PathTemplate, raw: readonly string[]): boolean {
  const isRest = segments.at(-1)?.kind === 'rest';
  const fixed = isRest ? segments.slice(0, -1) : segments;
  if (isRest ? raw.length < fixed.length : raw.length !== fixed.length) return false;
  return fixed.every((each, index) => each.kind !== 'literal' || each.text === decodeURIComponent(raw[index]!));
}

/** From left to right: the end, a literal, one, rest. */
function bySpecificity(left: PlainRoute, right: PlainRoute): number {
  const ranks = ({template}: PlainRoute) =>
    `${template.segments.map(({kind}) => ({literal: '1', one: '2', rest: '3'})[kind]).join('')}0`;
  return ranks(left) < ranks(right) ? -1 : 1;
}

function plainly({name, template}: PlainRoute, raw: readonly string[]): string {
  const texts = template.variables.map(({start, end, multiSegment}) => {
    const parts = template.segments[end - 1]!.kind === 'rest' ? raw.slice(start) : raw.slice(start, end);
    const decode = (text: string) => decodeURIComponent(multiSegment ? text.replace(/%(2f)/gi, '%25$1') : text);
    return JSON.stringify(parts.map(decode).join('/'));
  });
  return [name, ...texts].join(' ');
}

function randomTemplate(random: Random): string {
  const segments = Array.from({length: 1 + random.below(4)}, () => random.pick(['a', 'b', 'c', '*', '%61', 'a%2Fb']));
  if (random.oneIn(4)) segments.push('**');
  const verb = random.oneIn(3) ? `:${random.pick(['go', 'do'])}` : '';
  // A variable around some of the segments, if any.
  const start = random.below(segments.length);
  const end = start + 1 + random.below(segments.length - start);
  if (!random.oneIn(3)) segments.splice(start, end - start, `{name=${segments.slice(start, end).join('/')}}`);
  return `/${segments.join('/')}${verb}`;
}

const someSegments = [
  'a',
  'b',
  'c',
  'd',
  '%61',
  'a:go',
  'b:do',
  'a:no',
  ':go',
  'a:',
  'a%3Ago',
  'a%2Fb',
  'a%2fb:go',
  '%25',
  '',
];

test('any path leads where trying all templates leads', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) {
      const router = new Router<string>();
      const routes: PlainRoute[] = [];
      for (let count = 1 + random.below(12); count > 0; count--) {
        const method = random.pick(['GET', 'PUT', 'HEAD', '*']);
        const template = parseTemplate(randomTemplate(random));
        const name = `${method} ${template.text}`;
        try {
          router.add(method, template, name);
          routes.push({name, method, template});
        } catch (error) {
          t.true(error instanceof TemplateError);
        }
      }
      for (let lookup = 0; lookup < 40; lookup++) {
        const path = `/${Array.from({length: 1 + random.below(5)}, () => random.pick(someSegments)).join('/')}`;
        const method = random.pick(['GET', 'PUT', 'HEAD', 'POST']);
        const among = `${method} ${path} among ${routes.map(({name}) => name).join(', ')}`;
        t.is(describe(router.match(method, path)), matchPlainly(routes, method, path), among);
      }
    }
  });
});

test('any text as one segment comes back as it was, escaped in whatever way', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    const router = routerOf('GET /v1/books/{book}', 'POST /v1/books/{book}:touch');
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({length: 1 + random.below(8)}, () => random.pick([...'/:%+?#. ä😀a\u0000&=;'])).join('');
      if (text === '.' || text === '..') continue;
      const spelled = encodeURIComponent(text).replaceAll('%3A', random.oneIn(2) ? ':' : '%3A');
      t.is(describe(router.match('GET', `/v1/books/${spelled}`)), `GET /v1/books/{book} ${JSON.stringify(text)}`);
      const touched = describe(router.match('POST', `/v1/books/${spelled}:touch`));
      t.is(touched, `POST /v1/books/{book}:touch ${JSON.stringify(text)}`);
    }
  });
});
