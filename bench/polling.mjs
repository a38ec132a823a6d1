import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { median, quantile, written } from './measure.mjs';
import { ask } from './tiles.mjs';

const TRACE = new URL('../test/fixtures/geometry-os-history.jsonl.gz', import.meta.url);
/** Seconds between two downloads of the file, as InfiniteMap does it today. */
const POLL = 2;

/** A viewer's bytes and delay on the real trace, played at one commit a second, beside the file polled every 2 s. */
export async function polling(lab) {
  const trace = gunzipSync(readFileSync(TRACE))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const daemon = await lab.daemon();
  for (const id of new Set(trace.map((each) => each.compositor)))
    await ask(daemon.url, 'PUT', `/compositors/${id}`, { name: id, ttl: 3600 });
  const viewer = await follow(daemon.port);
  const opening = viewer.bytes();

  const delays = [];
  let polled = 0;
  const file = { reply: 0, size: 0 };
  for (const [second, { compositor, tiles }] of trace.entries()) {
    const before = performance.now();
    const { cursor } = await ask(daemon.url, 'PATCH', `/compositors/${compositor}/tiles`, tiles);
    await viewer.reached(cursor);
    delays.push(performance.now() - before);
    if (second % POLL > 0) continue;
    const reply = await fetch(`${daemon.url}/manifest/tiles`);
    file.size = (await reply.arrayBuffer()).byteLength;
    polled += file.size;
  }
  const minutes = trace.length / 60;
  // At one commit a second a stream is never quiet for the 15 s after which it gets a sign of life.
  const streamed = (viewer.bytes() - opening) / minutes / 1024;
  const downloaded = polled / minutes / 1024;
  const idleStream = (4 * viewer.sign) / 1024;
  const idleFile = (file.size * 60) / POLL / 1024;
  viewer.close();

  const less = (what, ours, other) => ({
    what,
    ours: written(ours, 'KiB'),
    other: written(other, 'KiB'),
    beside: 'the file every 2 s',
    ratio: other / ours,
  });
  const sooner = (what, share, ours) => ({
    what,
    ours: written(ours, 'ms'),
    other: written(POLL * 1000 * share, 'ms'),
    beside: 'the file every 2 s',
    ratio: (POLL * 1000 * share) / ours,
  });
  return [
    less('a viewer-minute, one commit a second', streamed, downloaded),
    less('a viewer-minute in which nothing changes', idleStream, idleFile),
    sooner('delay from write to screen, median', 0.5, median(delays)),
    sooner('delay from write to screen, 99th percentile', 0.99, quantile(delays, 0.99)),
  ];
}

/** One open stream: how many bytes it brought, and a promise for the frame with a given id. */
async function follow(port) {
  let bytes = 0;
  let text = '';
  let check = () => undefined;
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write('GET /manifest/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  socket.on('data', (piece) => {
    bytes += piece.length;
    text = text.slice(-100) + piece.latin1Slice();
    check();
  });
  const seen = (mark) =>
    new Promise((resolve) => {
      check = () => text.includes(mark) && resolve();
      check();
    });
  await seen('event: synced');
  const sign = text.length - text.lastIndexOf('id: ');
  return {
    sign,
    bytes: () => bytes,
    reached: (cursor) => seen(`id: ${cursor}\n`),
    close: () => socket.destroy(),
  };
}
