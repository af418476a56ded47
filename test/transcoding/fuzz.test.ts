/** Whatever comes in, what goes wrong is told in the one error of its kind, and every request gets an answer. */
import test from 'ava';
import {parseTemplate, RequestError, Router, TemplateError} from '../../src/transcoding/index.js';
import {Random, withSeed} from '../helpers/random.js';
import {featuresTranscoder, send} from './helpers/features.js';

const templateParts = [
  '/',
  '*',
  '**',
  '{',
  '}',
  '=',
  ':',
  '.',
  'a',
  'b1',
  '_',
  '%',
  '%41',
  '%FF',
  '-',
  ' ',
  'ä',
  '..',
  '\n',
];

function randomText(random: Random, parts: readonly string[], lengthMost: number): string {
  return Array.from({length: random.below(lengthMost + 1)}, () => random.pick(parts)).join('');
}

test('any text is a template or a TemplateError', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    let parsed = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = (random.oneIn(5) ? '' : '/') + randomText(random, templateParts, 9);
      try {
        const {segments, variables} = parseTemplate(text);
        t.true(segments.length > 0 && variables.every(({start, end}) => start < end && end <= segments.length), text);
        parsed++;
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        if (error.column! < 1 || error.column! > text.length + 1) t.fail(`${error.message} is beside the text`);
      }
    }
    t.true(parsed > 100);
  });
});

test('any path is found, or not, or a RequestError', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    const router = new Router<string>();
    for (const template of ['/a/{x}', '/a/{x=**}:b', '/{x=*/a}/**', '/a/b'])
      router.add('GET', parseTemplate(template), template);
    for (let round = 0; round < 20_000; round++) {
      const path = `/${randomText(random, ['a', 'b', '/', ':', '%', '%2F', '%61', '%C3%A4', '%FF', '.', '?', 'ä', '\ud800'], 9)}`;
      try {
        t.true(
          ['found', 'notFound', 'methodNotAllowed'].includes(router.match(random.pick(['GET', 'PUT']), path).kind),
        );
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
      }
    }
  });
});

const targets = [
  '/v1/query',
  '/v1/query/',
  '/v1/whole',
  '/v1/whole/a',
  '/v1/part/a',
  '/v1/tags',
  '/v1/text',
  '/v1/raw',
  '/v1/uploads/a',
  '/v1/watch',
  '/v1/download',
  '/v1/files/a/b',
  '/v1/one/a:show',
];
const urlParts = [
  '?',
  '&',
  '=',
  '/',
  ':',
  '%',
  '%2F',
  '%FF',
  '+',
  '.',
  '..',
  'text',
  'tags',
  'nested.text',
  'flag',
  'true',
];
const moreUrlParts = [
  'color',
  'wait',
  '5s',
  '1',
  '-1',
  'items',
  'labels',
  '__proto__',
  'toString',
  'ä',
  '\0',
  '#',
  ';',
  ',',
];
const bodyParts = ['{', '}', '[', ']', ':', ',', '"text"', '"tags"', '"nested"', '"any"', '"@type"', '"a"', '""'];
const moreBodyParts = [
  '1',
  '-1e999',
  'null',
  'true',
  ' ',
  '\n',
  '"\\ud800"',
  '"__proto__"',
  '\ufeff',
  '"left"',
  '"value"',
];
const headerValues = [
  '',
  'a',
  '*/*',
  'text/event-stream',
  'application/json',
  'application/x-ndjson',
  ';q=',
  'q=0,',
  '5S',
  '99999999H',
];
const headerNames = [
  'accept',
  'content-type',
  'content-length',
  'content-encoding',
  'grpc-timeout',
  'x-server-timeout',
  'connection',
];

const documented = new Set([200, 204, 400, 404, 405, 406, 413, 415, 504]);

test('any request gets an answer with a documented status', async t => {
  t.timeout(50_000);
  await withSeed(t, async seed => {
    const random = new Random(seed);
    const transcoder = featuresTranscoder({requestBytesMost: 100, schedule: () => () => {}});
    const statuses = new Map<number, number>();
    for (let round = 0; round < 15_000; round++) {
      const target = random.pick(targets) + randomText(random, [...urlParts, ...moreUrlParts], random.pick([0, 1, 6]));
      const headers: Record<string, string> = {'content-type': 'application/json'};
      if (random.oneIn(3)) headers[random.pick(headerNames)] = randomText(random, headerValues, 2);
      const text = randomText(random, [...bodyParts, ...moreBodyParts], random.pick([0, 1, 8, 30]));
      const bytes = random.oneIn(10)
        ? random.bytes(random.below(20))
        : Buffer.from(random.oneIn(3) ? `{${text}}` : text);
      const body = random.oneIn(3) ? undefined : random.oneIn(2) ? bytes : pieces(random, bytes);
      const method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'get', '']);
      const shown = () => JSON.stringify([method, target, headers, text]);

      const answer = await send(transcoder, method, target, {headers, body});
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (!documented.has(answer.status)) t.fail(`${answer.status} ${answer.text} for ${shown()}`);
      if (answer.status < 400 || method === 'HEAD') continue;
      const {code, message} = answer.json as {code: unknown; message: unknown};
      if (typeof code !== 'number' || typeof message !== 'string') t.fail(`${answer.text} for ${shown()}`);
    }
    t.true(statuses.get(200)! > 500 && statuses.get(400)! > 500, JSON.stringify([...statuses]));
  });
});

async function* pieces(random: Random, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + random.below(10);
    yield bytes.subarray(start, end);
    start = end;
  }
}
