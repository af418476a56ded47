/** What HTTP costs at least: node:http, and a Map behind it. Takes its port; PUT stores, GET answers. */
import {createServer} from 'node:http';

const values = new Map<string, Buffer>();

createServer((request, response) => {
  if (request.method === 'PUT') {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      values.set(request.url!, Buffer.concat(chunks));
      response.writeHead(201).end();
    });
    return;
  }
  const value = values.get(request.url!);
  if (value) response.writeHead(200, {'content-length': value.length}).end(value);
  else response.writeHead(404).end();
}).listen(Number(process.argv[2]), '127.0.0.1');
