// FAILURES 16. Through a real nginx in all the ways in which it is met, the first frame and every later one arrive before the next is
// written: nothing waits in a buffer, a compressor, or for the end of a head.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx, type Nginx, type NginxOptions } from '../support/nginx.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { frameByFrame } from './frame-by-frame.ts';
import { H2Client } from './h2-reader.ts';
import { longMapThrough } from './long-map.ts';

/** Compresses whatever it may, however small. */
const GZIP = 'gzip on; gzip_proxied any; gzip_min_length 0; gzip_types *; gzip_http_version 1.0;';

async function behind(t: Test, options: Omit<NginxOptions, 'upstreams'>) {
  const daemon = await startDaemon(t);
  const nginx = await startNginx(t, { upstreams: [daemon.port], ...options });
  return { daemon, nginx, wall: await HttpPublisher.join(daemon.url, 'wall') };
}

/** A reader of the compressed stream, and one that takes gzip but likes it less: for it, only the proxy could compress. */
async function followed(t: Test, wall: HttpPublisher, nginx: Nginx): Promise<void> {
  for (const [accepted, coding] of [
    ['gzip, br', 'gzip'],
    ['gzip;q=0.5, identity', 'identity'],
  ] as const) {
    const reader = new ConformanceClient({ url: nginx.url, headers: { 'Accept-Encoding': accepted } });
    t.teardown(() => reader.disconnect());
    reader.connect();
    await frameByFrame(t, wall, reader);
    const { headers } = reader.stream!;
    t.equal(headers['content-encoding'] ?? 'identity', coding);
    t.match(headers['cache-control'], /no-transform/);
    await reader.disconnect();
  }
}

const DEFAULTS = {
  'as it comes: buffering on': '',
  'HTTP/1.0 to the daemon, its default before 1.29.7': 'proxy_http_version 1.0;',
  'HTTP/1.1 to the daemon, buffering on': 'proxy_http_version 1.1; proxy_set_header Connection "";',
};
for (const [name, http] of Object.entries(DEFAULTS)) {
  t.test(`nginx ${name}`, async (t) => {
    const { nginx, wall } = await behind(t, { site: { http } });
    await followed(t, wall, nginx);
    await longMapThrough(t, wall, nginx.url);
  });
  t.test(`nginx ${name}, with gzip`, async (t) => {
    const { nginx, wall } = await behind(t, { site: { http: http + GZIP } });
    await followed(t, wall, nginx);
    const whole = await send('GET', `${nginx.url}/manifest`, undefined, { 'Accept-Encoding': 'gzip' });
    t.equal(whole.headers.get('content-encoding'), 'gzip', 'and yet gzip is on');
    t.equal(Object.keys(whole.body.tiles).length, 25);
  });
}

t.test('deploy/nginx/http.conf', async (t) => {
  const { nginx, wall } = await behind(t, { site: 'http' });
  await followed(t, wall, nginx);
});

t.test('deploy/nginx/tls.conf: HTTP/2 and TLS, eight readers on one connection', async (t) => {
  const { nginx, wall } = await behind(t, { site: 'tls' });
  const ca = await readFile(join(nginx.dir, 'fullchain.pem'), 'utf8');
  const client = new H2Client(t, { url: nginx.url, ca });
  const first = await client.follow({ 'accept-encoding': 'gzip' });
  t.equal(client.alpn, 'h2');
  t.match(first.headers, { ':status': 200, 'content-type': /^text\/event-stream/ });
  t.equal(first.headers['content-encoding'], 'gzip');
  t.equal(first.headers['connection'], undefined, "the daemon's `Connection: close` ends here");
  await frameByFrame(t, wall, first);

  const tabs = await Promise.all(Array.from({ length: 7 }, () => client.follow()));
  for (let i = 0; i < 5; i++) {
    const cursor = await wall.patch({ '7,7': { brick: `seventh-${i}` } });
    await Promise.all([first, ...tabs].map((tab) => tab.untilCursor(cursor, 30_000)));
  }
  for (const tab of tabs) t.strictSame([tab.copy.violations, tab.copy.counts.snapshots], [[], 1]);

  const plain = await fetch(`http://127.0.0.1:${nginx.plainPort}/manifest?view=0,0,1,1`, {
    redirect: 'manual',
  });
  t.equal(plain.status, 308);
  t.equal(plain.headers.get('location'), 'https://127.0.0.1/manifest?view=0,0,1,1');
});
