/** How the page writes what it shows: its own functions, which need no browser. */
import test from 'ava';

interface Format {
  bytes(number: number): string;
  duration(ms: number): string;
  hexDump(value: Uint8Array): string;
  percent(share: number): string;
  prettyJson(text: string): string;
  showKey(key: string): string;
  textOf(value: Uint8Array): string | undefined;
}

const file = new URL('../../src/http/ui/format.js', import.meta.url).href;
const {bytes, duration, hexDump, percent, prettyJson, showKey, textOf}: Format = await import(file);

test('JSON keeps every token, and means the same', t => {
  const texts = [
    '{"a":[],"b":{ },"c":[1,2,{"d":"x, [y] : {z} \\" \\\\"}],"e":1.0e400,"f":12345678901234567890}',
    '[]',
    ' [ [ [ ] ] , null ] ',
    '"a string, alone"',
    '{"":""}',
  ];
  for (const text of texts) {
    const pretty = prettyJson(text);
    t.deepEqual(JSON.parse(pretty), JSON.parse(text));
    const withoutSpace = (json: string) => json.replaceAll(/("(?:[^"\\]|\\.)*")|\s/g, '$1');
    t.is(withoutSpace(pretty), withoutSpace(text));
  }
  t.is(prettyJson('{"a":[1,{"b":[]}]}'), '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ]\n}');
});

test('a key is shown on one line, with what cannot be seen as an escape', t => {
  t.is(showKey('a\nb\tc\0d'), 'a\\nb\\tc\\u{0}d');
  t.is(showKey('user\u202egpj.exe'), 'user\\u{202e}gpj.exe');
  t.is(showKey('back\\slash'), 'back\\\\slash');
  t.is(showKey('naïve \u{1f980}'), 'naïve \u{1f980}');
});

test('figures are short, and never nothing where there is something', t => {
  t.deepEqual([0, 999, 1024, 1536, 2 ** 40].map(bytes), ['0 B', '999 B', '1.0 KiB', '1.5 KiB', '1.0 TiB']);
  t.deepEqual([0, 1e-6, 0.5, 0.99999, 1].map(percent), ['0.0 %', '< 0.1 %', '50.0 %', '> 99.9 %', '100.0 %']);
  t.deepEqual([-5, 400, 59_600, 3_600_000, 90_061_000].map(duration), ['0 s', '0 s', '1 min', '1 h', '1 d 1 h']);
});

test('bytes are text only if they are UTF-8 without zeros', t => {
  t.is(textOf(Buffer.from('\ufeffé')), '\ufeffé');
  t.is(textOf(Uint8Array.of(0xff)), undefined);
  t.is(textOf(Uint8Array.of(0x61, 0)), undefined);
  t.is(hexDump(Uint8Array.from({length: 17}, (_, at) => at + 0x30)).split('\n')[1], `00000010  40${' '.repeat(47)}@`);
});
