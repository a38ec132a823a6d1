// FAILURES 16, for the examples deploy/haproxy and deploy/caddy, where these programs are on the machine: frames arrive one by one,
// compressed or not, and the restart of one replica loses nothing.
import t, { type Test } from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { TileClient } from '../support/tile-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { frameByFrame } from './frame-by-frame.ts';
import { longMapThrough } from './long-map.ts';
import { CADDY, HAPROXY, startProxy, withProxy, type Proxy } from './haproxy-or-caddy.ts';

withProxy(t, HAPROXY, async (t) => holds(t, HAPROXY, { retriesRenewals: true }));
withProxy(t, CADDY, async (t) => holds(t, CADDY, { retriesRenewals: false }));

/** `retriesRenewals`: what its configuration promises beyond streams. */
async function holds(
  t: Test,
  proxy: Proxy,
  { retriesRenewals }: { retriesRenewals: boolean },
): Promise<void> {
  let a = await startDaemon(t);
  const b = await startDaemon(t, { dir: a.dir });
  const url = await startProxy(t, proxy, [a.port, b.port]);
  const wall = await HttpPublisher.join(url, 'wall');
  const reader = new ConformanceClient({ url, maxRetry: 300, headers: { 'Accept-Encoding': 'gzip' } });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await frameByFrame(t, wall, reader);
  t.equal(reader.stream!.headers['content-encoding'], 'gzip');
  // Only the proxy could compress for this one, and would hold events back.
  const plain = new ConformanceClient({ url, headers: { 'Accept-Encoding': 'gzip;q=0.5, identity' } });
  t.teardown(() => plain.disconnect());
  plain.connect();
  await frameByFrame(t, wall, plain);
  t.equal(plain.stream!.headers['content-encoding'] ?? 'identity', 'identity');
  await plain.disconnect();
  await longMapThrough(t, wall, url);
  if (retriesRenewals) t.equal((await send('PUT', `${url}/compositors/wall/lease`)).status, 200);

  const socket = await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
  await wall.patch({ '9,9': { brick: 'for a socket' } });
  await socket.until(({ shown }) => shown['9,9'] === 'for a socket', 'the tile');

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await a.stop(signal);
    await reader.untilCursor(await patchUntilTaken(wall, `without-a-${signal}`));
    a = await startDaemon(t, { dir: a.dir, port: a.port });
    await reader.untilCursor(await patchUntilTaken(wall, `with-a-${signal}`));
  }
  await sameAsManifest(t, reader, url);
  t.equal(reader.counts.snapshots, 1, 'no second snapshot');
}

/** As a compositor writes: again, when a proxy met the end of a replica in mid-request. Repeated or not, it is one commit. */
async function patchUntilTaken(wall: HttpPublisher, brick: string): Promise<string> {
  const late = AbortSignal.timeout(10_000);
  for (;;) {
    try {
      return await wall.patch({ '0,0': { brick } });
    } catch (error) {
      if (late.aborted || !/: 50[234] /.test(String(error))) throw error;
    }
  }
}
