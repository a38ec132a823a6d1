// Many compositors at one port, each at an address of its own: 127.1.0.1 and on (Linux answers on all of 127.0.0.0/8).
import { createServer } from 'node:http';
import { answer } from './answer.mjs';

let asked = 0;
const body = JSON.stringify({ status: 'ok' });
const server = createServer((request, response) => {
  if (request.url === '/health') asked += 1;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 300_000;

answer({
  open: () => new Promise((resolve) => server.listen(0, '0.0.0.0', () => resolve(server.address().port))),
  asked: async () => asked,
});
