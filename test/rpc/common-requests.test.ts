/** Requests of a common form are decoded by a shorter way, which must come to the same. */
import test from 'ava';
import type {Backend} from '../../src/cache/index.js';
import {cacheService} from '../../src/rpc/cache-service.js';
import type {Call, UnaryMethod} from '../../src/rpc/index.js';

/** A field that says nothing, and so makes a request one of no common form. */
const emptyNamespace = [0x12, 0];

const varintOf = (length: number) => (length < 128 ? [length] : [(length & 127) | 128, length >> 7]);
const keyField = (key: Uint8Array) => [0x0a, ...varintOf(key.length), ...key];
const textOf = (length: number) => Buffer.from('k'.repeat(length));

/** What comes to an operation of the backend, which answers so, or what the caller is told. */
function decodedBy(name: 'get' | 'batchGet', answer: object, bytes: readonly number[]): unknown {
  let seen: unknown;
  const operation = (request: unknown) => {
    seen = request;
    return answer;
  };
  const methods = cacheService({[name]: operation} as unknown as Backend);
  const path = `/${name[0]!.toUpperCase()}${name.slice(1)}`;
  const method = methods.find(each => each.path.endsWith(path)) as UnaryMethod;
  try {
    method.handle(Uint8Array.from(bytes), {} as Call);
    return seen;
  } catch (error) {
    return (error as Error).message;
  }
}

const decoded = (bytes: readonly number[]) => decodedBy('get', {outcome: 'miss'}, bytes);
const batchDecoded = (bytes: readonly number[]) => decodedBy('batchGet', [], bytes);

for (const length of [0, 1, 16, 126, 127, 128, 200]) {
  test(`a Get of a key of ${length} bytes is the same alone and beside another field`, t => {
    const field = keyField(textOf(length));
    t.like(decoded(field), {key: 'k'.repeat(length), namespace: '', metadataOnly: false, peek: false});
    t.deepEqual(decoded(field), decoded([...field, ...emptyNamespace]));
  });
}

test('a Get of a key in other letters is the same, and one that is not UTF-8 is refused in the same words', t => {
  for (const key of ['schlüssel', '钥匙', '🔑', '\uFEFFkey']) {
    const field = keyField(Buffer.from(key));
    t.like(decoded(field), {key});
    t.deepEqual(decoded(field), decoded([...field, ...emptyNamespace]));
  }
  const wrong = keyField(Uint8Array.of(0x6b, 0xff));
  t.regex(String(decoded(wrong)), /is not UTF-8/);
  t.is(decoded(wrong), decoded([...wrong, ...emptyNamespace]));
});

test('a key that is cut off, or followed by what is no field, is refused', t => {
  t.regex(String(decoded([0x0a, 5, 0x6b])), /is not valid Protobuf/);
  t.regex(String(decoded([0x0a, 1, 0x6b, 0, 0])), /is not valid Protobuf/);
});

test('a key given twice is the last, and no request at all is an empty key', t => {
  t.like(decoded([...keyField(textOf(3)), ...keyField(textOf(2))]), {key: 'kk'});
  t.like(decoded([]), {key: ''});
});

test('a length of two bytes is not taken for one', t => {
  const key = textOf(72);
  const field = [0x0a, key.length | 128, 0, ...key];
  const rest = keyField(textOf(125));
  t.is(field[1], field.length + rest.length - 2);
  t.like(decoded([...field, ...rest]), {key: 'k'.repeat(125)});
});

const requestField = (request: readonly number[]) => [0x0a, ...varintOf(request.length), ...request];

for (const lengths of [[], [1], [16, 3, 16], [125, 2], [126], [127, 1], [200, 5], [0, 4]]) {
  test(`a batch of keys of ${lengths.join(' and ') || 'no'} bytes is the same alone and beside another field`, t => {
    const fields = lengths.flatMap(length => requestField(keyField(textOf(length))));
    const whole = batchDecoded([...fields, ...emptyNamespace]);
    t.deepEqual(batchDecoded(fields), whole);
    t.is((whole as unknown[]).length, lengths.length);
  });
}

test('a batch that is cut off, or has more than keys, is read as it stands', t => {
  const whole = requestField(keyField(textOf(5)));
  t.regex(String(batchDecoded(whole.slice(0, -1))), /is not valid Protobuf/);
  t.like(batchDecoded(requestField([...keyField(textOf(5)), ...emptyNamespace])), {0: {key: 'kkkkk'}});
  t.regex(String(batchDecoded([0x0a, 128, 0x0a, 126, ...textOf(126)])), /is not valid Protobuf/);
});
