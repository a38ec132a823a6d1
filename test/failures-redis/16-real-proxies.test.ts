// FAILURES 16: real proxies, before replicas on a real Redis. What is written through one replica reaches a reader behind nginx, on
// whichever replica it landed, before the next is written.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { frameByFrame } from '../proxies/frame-by-frame.ts';
import { H2Client } from '../proxies/h2-reader.ts';
import { Fleet } from '../replicas/fleet.ts';
import { startNginx, type NginxOptions } from '../support/nginx.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';

async function behind(t: Test, options: Omit<NginxOptions, 'upstreams'>) {
  const fleet = await Fleet.start(t);
  await fleet.ready();
  const nginx = await startNginx(t, { upstreams: fleet.daemons.map(({ port }) => port), ...options });
  const join = (id: string) => HttpPublisher.join(fleet.urls[0]!, id);
  return { nginx, publishers: [await join('one'), await join('two')] };
}

for (const [name, site] of [
  ['its defaults, with gzip', { http: 'gzip on; gzip_proxied any; gzip_min_length 0; gzip_types *;' }],
  ['HTTP/1.0 to the replicas', { http: 'proxy_http_version 1.0;' }],
  ['deploy/nginx/http.conf', 'http'],
] as const) {
  t.test(name, async (t) => {
    const { nginx, publishers } = await behind(t, { site });
    // Several readers: nginx spreads them over both replicas.
    for (const wall of publishers) {
      const reader = new ConformanceClient({ url: nginx.url, headers: { 'Accept-Encoding': 'gzip' } });
      t.teardown(() => reader.disconnect());
      reader.connect();
      await frameByFrame(t, wall, reader);
      t.strictSame(reader.copy.violations, []);
    }
  });
}

t.test('deploy/nginx/tls.conf: HTTP/2', async (t) => {
  const { nginx, publishers } = await behind(t, { site: 'tls' });
  const ca = await readFile(join(nginx.dir, 'fullchain.pem'), 'utf8');
  const client = new H2Client(t, { url: nginx.url, ca });
  for (const wall of publishers) await frameByFrame(t, wall, await client.follow());
});
