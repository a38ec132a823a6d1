// The floor of a fan-out: raw sockets, and one `write` of one ready Buffer to each.
import { createServer } from 'node:net';
import { answer } from './answer.mjs';

const sockets = new Set();

async function listen() {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: floor\n\n');
      sockets.add(socket);
    });
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: server.address().port };
}

async function publish(text) {
  const data = `id: 1042-9f3a2c1b\nevent: patch\ndata: ${text}\n\n`;
  const frame = Buffer.from(`${data.length.toString(16)}\r\n${data}\r\n`);
  for (const socket of sockets) socket.write(frame);
}

answer({ listen, publish });
