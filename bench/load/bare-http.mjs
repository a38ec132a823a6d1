// The floor of a GET: node:http, one Buffer, and the headers that the daemon sends; and a server that does nothing with what it is sent.
import { createServer } from 'node:http';
import { answer } from './answer.mjs';

async function listen({ copyOf }) {
  const reply = await fetch(copyOf, { headers: { 'accept-encoding': 'identity' } });
  const body = Buffer.from(await reply.arrayBuffer());
  const headers = [...reply.headers].filter(
    ([name]) => !['date', 'connection', 'keep-alive', 'content-length'].includes(name),
  );
  const full = Object.fromEntries([...headers, ['content-length', String(body.length)]]);
  const fresh = Object.fromEntries(headers.filter(([name]) => name !== 'content-type'));
  const etag = reply.headers.get('etag');
  const server = createServer((request, response) => {
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, fresh);
      response.end();
      return;
    }
    response.writeHead(200, full);
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, etag };
}

/** Reads each body and answers at once: what a load generator reaches here is its own ceiling. */
async function accept() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-length': 2 }).end('{}'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port };
}

answer({ listen, accept });
