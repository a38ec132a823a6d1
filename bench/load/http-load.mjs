// Keep-alive connections, each with one request under way.
import { answer } from './answer.mjs';
import { Connection } from './connection.mjs';

/**
 * Works through `requests` for `ms`, again from the first after the last, and returns how many per second were answered, and
 * the statuses. An item that is a list of requests is sent one after the other on one connection, and counts as one.
 */
async function run({ port, connections, ms, requests }) {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const ready = requests.map((item) => [item].flat().map((text) => Buffer.from(text)));
  let next = 0;
  let count = 0;
  const statuses = {};
  const started = process.hrtime.bigint();
  const until = performance.now() + ms;
  await Promise.all(
    open.map(
      (connection) =>
        new Promise((resolve) => {
          let item = [];
          const send = () => {
            if (item.length === 0) item = [...ready[next++ % ready.length]];
            connection.send(item.shift());
          };
          connection.done = (status) => {
            if (item.length === 0) count += 1;
            statuses[status] = (statuses[status] ?? 0) + 1;
            if (item.length > 0 || performance.now() < until) send();
            else resolve();
          };
          send();
        }),
    ),
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  for (const connection of open) connection.close();
  return { rate: count / seconds, count, statuses };
}

answer({ run });
