// Requests at a steady rate over keep-alive connections, whatever the answers take: an open loop, as the world is.
import { answer } from './answer.mjs';
import { Connection } from './connection.mjs';
import { wire } from '../tiles.mjs';

const CONNECTIONS = 64;
const now = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * Changes one after the other of 16 tiles, or tiles anywhere on a map `side` cells wide around the origin, `rate` a second
 * for `ms`; each says when it was made. A request that finds every connection busy waits for one. `inTime`: how many were answered by then.
 */
async function run({ port, method, path, rate, ms, side }) {
  const free = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port)));
  const all = [...free];
  const waiting = [];
  let sent = 0;
  let answered = 0;
  let refused = 0;
  let finished = () => undefined;
  for (const connection of all) {
    connection.done = (status) => {
      answered += 1;
      if (status >= 300) refused += 1;
      const next = waiting.shift();
      if (next) connection.send(next);
      else free.push(connection);
      if (answered === sent) finished();
    };
  }
  const send = () => {
    const body = `{"${side ? anywhere(side) : `${sent % 16},0`}":{"brick":"@${now().toFixed(2)}@.png"}}`;
    const request = wire(method, path, { body });
    sent += 1;
    const connection = free.pop();
    if (connection) connection.send(request);
    else waiting.push(request);
  };
  const started = now();
  while (now() - started < ms) {
    const due = Math.floor(((now() - started) * rate) / 1000);
    while (sent < due) send();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const inTime = answered;
  if (answered < sent) await new Promise((resolve) => (finished = resolve));
  for (const connection of all) connection.close();
  return { sent, inTime, refused };
}

function anywhere(side) {
  const one = () => Math.floor(Math.random() * side) - (side >> 1);
  return `${one()},${one()}`;
}

answer({ run });
