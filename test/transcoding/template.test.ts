/** The grammar of path templates: what it takes and how, and what it refuses and where. */
import test from 'ava';
import {type PathTemplate, parseTemplate, TemplateError} from '../../src/transcoding/index.js';

/** A template in a form to compare: `v1 books * | name 1-3+ | verb`. */
function describe({segments, variables, verb}: PathTemplate): string {
  const kinds = {one: '*', rest: '**'};
  const path = segments.map(segment => (segment.kind === 'literal' ? segment.text : kinds[segment.kind]));
  const names = variables.map(each => `${each.fieldPath} ${each.start}-${each.end}${each.multiSegment ? '+' : ''}`);
  return [path.join(' '), ...names, ...(verb ? [`:${verb}`] : [])].join(' | ');
}

const good: Record<string, string> = {
  '/v1': 'v1',
  '/v1/books': 'v1 books',
  '/*': '*',
  '/**': '**',
  '/v1/*/x': 'v1 * x',
  '/v1/**': 'v1 **',
  '/v1:go': 'v1 | :go',
  '/v1/*:go': 'v1 * | :go',
  '/v1/**:go': 'v1 ** | :go',
  '/{a}': '* | a 0-1',
  '/{a=*}': '* | a 0-1',
  '/{a=**}': '** | a 0-1+',
  '/{a=x}': 'x | a 0-1',
  '/{a=x/y}': 'x y | a 0-2+',
  '/{a=x/*}': 'x * | a 0-2+',
  '/{a=x/**}': 'x ** | a 0-2+',
  '/{a=*/*}': '* * | a 0-2+',
  '/v1/{a}/b/{c}': 'v1 * b * | a 1-2 | c 3-4',
  '/v1/{name=shelves/*/books/*}:read': 'v1 shelves * books * | name 1-5+ | :read',
  '/{a.b.c}': '* | a.b.c 0-1',
  '/{a.b}/{a.c}': '* * | a.b 0-1 | a.c 1-2',
  '/{_a1_B}': '* | _a1_B 0-1',
  '/{a}:go': '* | a 0-1 | :go',
  '/a.b/c-d_e~f': 'a.b c-d_e~f',
  "/a!$&'()+,;@b": "a!$&'()+,;@b",
  '/...': '...',
  '/a%20b': 'a b',
  '/%C3%A4': 'ä',
  '/a%2Fb': 'a/b',
  '/a%3Ab:go': 'a:b | :go',
  '/%2A': '*',
  '/x:a%20b': 'x | :a b',
  '/1/2': '1 2',
};

for (const [text, expected] of Object.entries(good)) {
  test(`the template ${text}`, t => t.is(describe(parseTemplate(text)), expected));
}

/** Template, column, and what the error says. */
const bad: [string, number, RegExp][] = [
  ['', 1, /begins with "\/"/],
  ['v1', 1, /begins with "\/"/],
  [' /v1', 1, /begins with "\/"/],
  ['/', 2, /segment expected, not the end/],
  ['//', 2, /segment expected, not "\/"/],
  ['/v1/', 5, /segment expected, not the end/],
  ['/v1//x', 5, /segment expected, not "\/"/],
  ['/v1:', 5, /verb expected, not the end/],
  ['/:go', 2, /segment expected, not ":"/],
  ['/v1:a:b', 6, /unexpected ":"/],
  ['/v1:a/b', 6, /unexpected "\/"/],
  ['/v1:*', 5, /verb expected, not "\*"/],
  ['/v1:{a}', 5, /verb expected, not "{"/],
  ['/a:b/c', 5, /unexpected "\/"/],
  ['/a b', 3, /unexpected " "/],
  ['/a?b', 3, /unexpected "\?"/],
  ['/a#b', 3, /unexpected "#"/],
  ['/a=b', 3, /unexpected "="/],
  ['/ä', 2, /segment expected, not "ä"/],
  ['/a%', 3, /unexpected "%"/],
  ['/a%2', 3, /unexpected "%"/],
  ['/a%2g', 3, /unexpected "%"/],
  ['/a%FFb', 2, /not UTF-8/],
  ['/a/%C3', 4, /not UTF-8/],
  ['/.', 2, /no names of segments/],
  ['/a/..', 4, /no names of segments/],
  ['/a/%2E%2e', 4, /no names of segments/],
  ['/***', 4, /unexpected "\*"/],
  ['/*a', 3, /unexpected "a"/],
  ['/a*', 3, /unexpected "\*"/],
  ['/**/a', 5, /may follow "\*\*"/],
  ['/**/**', 5, /may follow "\*\*"/],
  ['/{a=**}/b', 9, /may follow "\*\*"/],
  ['/{a=**/b}', 8, /may follow "\*\*"/],
  ['/{a=**}/{b}', 9, /may follow "\*\*"/],
  ['/{', 3, /field name expected, not the end/],
  ['/{}', 3, /field name expected, not "}"/],
  ['/{a', 4, /"}" expected, not the end/],
  ['/{a=', 5, /segment expected, not the end/],
  ['/{a=}', 5, /segment expected, not "}"/],
  ['/{a=x', 6, /"}" expected, not the end/],
  ['/{a=x/}', 7, /segment expected, not "}"/],
  ['/{a=/x}', 5, /segment expected, not "\/"/],
  ['/{a=x:y}', 6, /"}" expected, not ":"/],
  ['/{a=b=c}', 6, /"}" expected, not "="/],
  ['/{a.}', 5, /field name expected, not "}"/],
  ['/{.a}', 3, /field name expected, not "\."/],
  ['/{a..b}', 5, /field name expected, not "\."/],
  ['/{1}', 3, /field name expected, not "1"/],
  ['/{a-b}', 4, /"}" expected, not "-"/],
  ['/{a b}', 4, /"}" expected, not " "/],
  ['/{a={b}}', 5, /cannot hold another variable/],
  ['/{a=x/{b}}', 7, /cannot hold another variable/],
  ['/{a}/{a}', 7, /bound twice/],
  ['/{a.b}/x/{a.b=y}', 11, /bound twice/],
  ['/{a}}', 5, /unexpected "}"/],
  ['/a}', 3, /unexpected "}"/],
  ['/{a}b', 5, /unexpected "b"/],
  ['/a{b}', 3, /unexpected "{"/],
  ['/{a}{b}', 5, /unexpected "{"/],
  ['/v1\n', 4, /unexpected "\n"/],
];

for (const [text, column, problem] of bad) {
  test(`no template: ${JSON.stringify(text)}`, t => {
    const error = t.throws(() => parseTemplate(text), {instanceOf: TemplateError, message: problem});
    t.is(error.column, column, error.message);
    t.true(error.message.startsWith(`template "${text}", column ${column}: `));
  });
}
