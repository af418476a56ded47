/** What is no HTTP, or means one thing here and another to a proxy: refused, told, and the connection closed. */
import {http1Test, statusBody} from './helpers/http-parts.js';

interface Case {
  /** Behind the request line and Host. */
  rest?: string;
  /** All that is sent, in place of a PUT. */
  whole?: string;
  status: number;
  reason: string;
}

const smuggled = 'PUT /smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx';

const cases: Record<string, Case> = {
  'two Content-Lengths': {
    rest: `Content-Length: 1\r\nContent-Length: 60\r\n\r\nx${smuggled}`,
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'two equal Content-Lengths': {
    rest: 'Content-Length: 1\r\nContent-Length: 1\r\n\r\nx',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a Content-Length of two': {rest: 'Content-Length: 1, 1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'a Content-Length with a sign': {rest: 'Content-Length: +1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'a Content-Length below zero': {rest: 'Content-Length: -1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'a hexadecimal Content-Length': {rest: 'Content-Length: 0x1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'Content-Length and Transfer-Encoding': {
    rest: `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'Transfer-Encoding and Content-Length': {
    rest: `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a Transfer-Encoding that ends in another': {
    rest: `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'two Transfer-Encodings': {
    rest: `Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 501,
    reason: 'UNSUPPORTED_TRANSFER_CODING',
  },
  'a Transfer-Encoding that is not known': {
    rest: 'Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    status: 501,
    reason: 'UNSUPPORTED_TRANSFER_CODING',
  },
  'a Transfer-Encoding in disguise': {
    rest: 'Transfer-Encoding: xchunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    status: 501,
    reason: 'UNSUPPORTED_TRANSFER_CODING',
  },
  'a space before the colon': {rest: 'Content-Length : 1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'a folded header': {rest: 'X-A: 1\r\n 2\r\nContent-Length: 1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'lines that end without a carriage return': {
    rest: 'X-A: 1\nContent-Length: 1\r\n\r\nx',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a carriage return within a header': {
    rest: 'X-A: 1\rb\r\nContent-Length: 0\r\n\r\n',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a zero byte within a header': {rest: 'X-A: 1\0\r\nContent-Length: 0\r\n\r\n', status: 400, reason: 'MALFORMED_HTTP'},
  'a second Host': {rest: 'Host: localhost\r\nContent-Length: 1\r\n\r\nx', status: 400, reason: 'MALFORMED_HTTP'},
  'a chunk that is no number': {
    rest: 'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a chunk of 2^64 bytes': {
    rest: 'Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a chunk that is longer than it says': {
    rest: 'Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'headers that are too large': {
    rest: `X-A: ${'a'.repeat(32_000)}\r\n\r\n`,
    status: 431,
    reason: 'HEADERS_TOO_LARGE',
  },
  'a target that is too large': {
    whole: `PUT /${'a'.repeat(32_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    status: 431,
    reason: 'HEADERS_TOO_LARGE',
  },
  'no HTTP at all': {whole: 'hello\r\n\r\n', status: 400, reason: 'MALFORMED_HTTP'},
  TLS: {whole: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', status: 400, reason: 'MALFORMED_HTTP'},
  'a method that there is not': {
    whole: 'STORE /a HTTP/1.1\r\nHost: localhost\r\n\r\n',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'another version of HTTP': {
    whole: 'PUT /a HTTP/3.1\r\nHost: localhost\r\n\r\n',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'what is nearly the preface of HTTP/2': {
    whole: 'PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n',
    status: 400,
    reason: 'MALFORMED_HTTP',
  },
  'a tunnel': {
    whole: 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    status: 405,
    reason: 'METHOD_NOT_ALLOWED',
  },
};

for (const [what, {rest, whole, status, reason}] of Object.entries(cases)) {
  http1Test(`${what} is ${status} ${reason}, and closes the connection`, async (t, start) => {
    const {connect, entries, faults, address} = await start();
    const connection = connect();
    connection.send(Buffer.from(whole ?? `PUT /a HTTP/1.1\r\nHost: ${address}\r\n${rest}`, 'latin1'));
    const answer = await connection.answer();
    t.is(answer.status, status);
    t.is(statusBody(t, answer).reason, reason);
    t.is(answer.headers.connection, 'close');
    t.is(await connection.rest(), '', 'nothing else is answered');
    t.is(entries(), 0);
    t.deepEqual(faults, []);
  });
}

http1Test(
  'what is behind an answer that was sent comes behind it, and an answer under way is not mixed up',
  async (t, start) => {
    const {connect, address} = await start();
    const connection = connect();
    connection.send(`GET /a HTTP/1.1\r\nHost: ${address}\r\n\r\nrubbish\r\n\r\n`);
    t.is((await connection.answer()).status, 404);
    t.is((await connection.answer()).status, 400);
    t.is(await connection.rest(), '');
  },
);

http1Test('a body that ends too soon is not stored', async (t, start) => {
  const {connect, entries, faults, address} = await start();
  const connection = connect();
  connection.send(`PUT /a HTTP/1.1\r\nHost: ${address}\r\nContent-Length: 10\r\n\r\nhello`);
  connection.socket.end();
  await connection.rest();
  const chunked = connect();
  chunked.send(`PUT /a HTTP/1.1\r\nHost: ${address}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
  chunked.socket.end();
  await chunked.rest();
  t.is(entries(), 0);
  t.deepEqual(faults, []);
});

http1Test('a client that breaks off in its body leaves nothing behind', async (t, start) => {
  const {connect, ask, entries, faults, address} = await start();
  const connection = connect();
  connection.send(`PUT /a HTTP/1.1\r\nHost: ${address}\r\nContent-Length: 10\r\n\r\nhello`);
  t.is((await ask('GET', '/b')).status, 404);
  connection.socket.resetAndDestroy();
  t.is((await ask('GET', '/b')).status, 404);
  t.is(entries(), 0);
  t.deepEqual(faults, []);
});

http1Test('headers that do not come are 408', async (t, start) => {
  const {connect, address} = await start({http: {headersMs: 50, checkMs: 10}});
  const connection = connect();
  connection.send(`GET /a HTTP/1.1\r\nHost: ${address}\r\nX-Slow:`);
  const answer = await connection.answer();
  t.is(answer.status, 408);
  t.like(statusBody(t, answer), {code: 4, reason: 'REQUEST_TIMEOUT'});
  t.is(await connection.rest(), '');
});

http1Test('a body that is too large is refused before it is sent, to who asks', async (t, start) => {
  const {connect, entries, address} = await start();
  const head = `PUT /a HTTP/1.1\r\nHost: ${address}\r\nExpect: 100-continue\r\n`;
  const refused = connect();
  refused.send(`${head}Content-Length: ${2 ** 20 + 1}\r\n\r\n`);
  const answer = await refused.answer();
  t.is(answer.status, 413);
  t.is(answer.headers.connection, 'close');
  t.is(statusBody(t, answer).reason, 'VALUE_TOO_LARGE');
  refused.socket.end();
  t.is(entries(), 0);

  const taken = connect();
  taken.send(`${head}Content-Length: 5\r\n\r\n`);
  t.is((await taken.answer()).status, 100);
  taken.send('hello');
  t.is((await taken.answer()).status, 201);
  t.is(entries(), 1);
});

http1Test('other refusals also come before the body is asked for', async (t, start) => {
  const {connect, address} = await start();
  const connection = connect();
  connection.send(`PUT /a?tll=1 HTTP/1.1\r\nHost: ${address}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  t.is((await connection.answer()).status, 400);
});

http1Test('who sends too much without asking sees why, whether its length was said or not', async (t, start) => {
  const {connect, entries, address} = await start();
  const head = `PUT /a HTTP/1.1\r\nHost: ${address}\r\n`;
  const declared = connect();
  declared.send(`${head}Content-Length: ${2 ** 21}\r\n\r\n`).send(new Uint8Array(2 ** 20));
  t.is((await declared.answer()).status, 413);
  const chunked = connect();
  chunked.send(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  for (let index = 0; index < 20; index++) {
    chunked
      .send(`${(2 ** 16).toString(16)}\r\n`)
      .send(new Uint8Array(2 ** 16))
      .send('\r\n');
  }
  const answer = await chunked.answer();
  t.is(answer.status, 413);
  t.is(answer.headers.connection, 'close');
  chunked.send('0\r\n\r\n');
  t.is(await chunked.rest(), '');
  t.is(entries(), 0);
});

http1Test('a small body of a refused request is passed over, and the connection goes on', async (t, start) => {
  const {connect, address} = await start();
  const connection = connect();
  const head = `HTTP/1.1\r\nHost: ${address}\r\n`;
  connection.send(`PUT /-/none ${head}Content-Length: 5\r\n\r\nhello`);
  t.is((await connection.answer()).status, 404);
  connection.send(`PUT /a ${head}Content-Length: 1\r\n\r\n1`);
  t.is((await connection.answer()).status, 201);
});
