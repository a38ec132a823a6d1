// Requests at a steady rate over keep-alive connections, whatever the answers take: an open loop, as the world is.
import { Agent, request } from 'node:http';
import { answer } from './answer.mjs';

const now = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * Changes one after the other of 16 tiles, or tiles anywhere on a map `side` cells wide around the origin, `rate` a second
 * for `ms`; each says when it was made.
 */
async function run({ port, method, path, rate, ms, side }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const started = now();
  let sent = 0;
  let answered = 0;
  let refused = 0;
  const ends = [];
  const send = () => {
    const brick = `@${now().toFixed(2)}@.png`;
    const body = `{"${side ? anywhere(side) : `${sent % 16},0`}":{"brick":"${brick}"}}`;
    sent += 1;
    ends.push(
      new Promise((resolve) => {
        const headers = { 'content-type': 'application/json', 'content-length': body.length };
        const each = request({ agent, host: '127.0.0.1', port, method, path, headers }, (reply) => {
          answered += 1;
          if (reply.statusCode >= 300) refused += 1;
          reply.resume().on('end', resolve);
        });
        each.on('error', () => {
          refused += 1;
          resolve();
        });
        each.end(body);
      }),
    );
  };
  while (now() - started < ms) {
    const due = Math.floor(((now() - started) * rate) / 1000);
    while (sent < due) send();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const inTime = answered;
  await Promise.all(ends);
  agent.destroy();
  return { sent, inTime, refused };
}

function anywhere(side) {
  const one = () => Math.floor(Math.random() * side) - (side >> 1);
  return `${one()},${one()}`;
}

answer({ run });
