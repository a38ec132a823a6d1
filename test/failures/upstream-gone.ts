import type { Test } from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const READERS = 10;

/** Every reader is back by itself. `start` puts the proxy in front of the only daemon, and resolves to its URL. */
export async function survivesTheUpstream(
  t: Test,
  start: (daemon: Daemon) => Promise<string>,
): Promise<void> {
  let daemon = await startDaemon(t);
  const url = await start(daemon);
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  // Compressed, as browsers take it: Caddy 2.6 ends an uncompressed stream that was cut as if it were whole.
  const headers = { 'Accept-Encoding': 'gzip' };
  const readers = Array.from(
    { length: READERS },
    () => new ConformanceClient({ url, headers, maxRetry: 300 }),
  );
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();
  await Promise.all(readers.map((reader) => reader.untilCursor(wall.cursor)));

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const before = readers.map(({ counts }) => counts.byes);
    await daemon.stop(signal);
    for (const [i, reader] of readers.entries())
      await reader.until(({ counts }) => counts.byes >= before[i]! + 2, 30_000, 'being sent away twice');
    await sentAway(t, url);
    daemon = await startDaemon(t, { dir: daemon.dir, port: daemon.port });
    await wall.patch({ '0,0': { brick: `after-${signal}` } });
    await Promise.all(readers.map((reader) => reader.untilCursor(wall.cursor)));
  }
  for (const [i, reader] of readers.entries()) {
    t.equal(reader.counts.refused, 0, `reader ${i}: no EventSource would have given up`);
    t.equal(reader.counts.snapshots, 1, 'and it missed nothing');
  }
  await sameAsManifest(t, readers[0]!, url);
}

/** What a stream, and what anything else is answered while nobody is there. */
export async function sentAway(t: Test, url: string): Promise<void> {
  const stream = await fetch(`${url}/manifest/stream?view=0,0,9,9`, { headers: { 'Last-Event-ID': '1-0' } });
  t.equal(stream.status, 200);
  t.match(stream.headers.get('content-type'), /^text\/event-stream/);
  t.equal(stream.headers.get('access-control-allow-origin'), '*', 'also for pages of other origins');
  t.match(stream.headers.get('cache-control'), /no-store/);
  t.match(await stream.text(), /^:.*\nretry: [1-9]\d{3}\nevent: bye\ndata: \{"reason":"unreachable"\}\n\n$/);
  const others = [
    await send('GET', `${url}/manifest`),
    await send('PATCH', `${url}/compositors/wall/tiles`, { '0,0': { brick: 'b' } }),
    await send('PUT', `${url}/compositors/wall/lease`),
  ];
  for (const { status, headers, body } of others) {
    t.match(String(status), /^50[234]$/, 'nothing else seems to succeed');
    t.match(headers.get('content-type'), /^application\/problem\+json/);
    t.equal(headers.get('retry-after'), '1');
    t.match(body, { type: 'about:blank', detail: /repeat it/ });
  }
}
