import { connect } from '../dist/client/client.js';
import { median, quantile, written } from './measure.mjs';
import { ask } from './tiles.mjs';

const READERS = 1000;
const CLIENTS = 20;
const CHANGES = 200;
/** Seconds between two downloads of the file, as InfiniteMap does it today. */
const POLL = 2;

/** From the sending of a PATCH to the event of the shipped client, one client after the other among 1,000 subscribers. */
export async function client(lab) {
  const daemon = await lab.daemon();
  await ask(daemon.url, 'PUT', '/compositors/wall', { name: 'wall', ttl: 3600 });
  const readers = lab.worker('readers');
  await readers.call('open', { port: daemon.port, path: '/manifest/stream', count: READERS - CLIENTS });
  const clients = Array.from({ length: CLIENTS }, () => connect({ url: daemon.url }));
  await Promise.all(
    clients.map((each) => each.state === 'live' || new Promise((live) => each.on('synced', live))),
  );
  const delays = [];
  for (let i = 0; i < CHANGES; i++) {
    const each = clients[i % CLIENTS];
    const sent = performance.now();
    const seen = new Promise((resolve) => {
      const off = each.on('tile', () => {
        off();
        resolve(performance.now() - sent);
      });
    });
    await ask(daemon.url, 'PATCH', '/compositors/wall/tiles', { [`${i % 50},0`]: { brick: `b${i}` } });
    delays.push(await seen);
  }
  for (const each of clients) each.close();
  await readers.call('close');
  const row = (what, ours, share) => ({
    what,
    ours: written(ours, 'ms'),
    other: written(POLL * 1000 * share, 'ms'),
    beside: 'the file every 2 s',
    ratio: (POLL * 1000 * share) / ours,
  });
  return [
    row("PATCH to the client's event, 1,000 subscribers, median", median(delays), 0.5),
    row("PATCH to the client's event, 1,000 subscribers, p99", quantile(delays, 0.99), 0.99),
  ];
}
