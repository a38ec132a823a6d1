// Beside other sites, below a path: deploy/nginx/subpath.conf and `basePath`. Every address that the daemon writes works as written.
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { frameByFrame } from './frame-by-frame.ts';

t.test('below /compositord/', async (t) => {
  const daemon = await startDaemon(t, { args: ['--base-path=/compositord'] });
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: 'subpath' });
  const base = `${nginx.url}/compositord`;
  const follow = async (url: string, accept = 'application/json') =>
    fetch(url, { headers: { Accept: accept }, signal: AbortSignal.timeout(10_000) });

  const wall = await HttpPublisher.join(base, 'wall');
  const reader = new ConformanceClient({ url: base });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await frameByFrame(t, wall, reader);

  const index = (await (await follow(base)).json()) as { links: Record<string, string> };
  for (const [name, path] of Object.entries(index.links)) {
    t.match(path, /^\/compositord\//);
    const reply = await fetch(nginx.url + path, { signal: AbortSignal.timeout(10_000) });
    // A cursor is wanted there.
    t.equal(reply.status, name === 'changes' ? 400 : 200, `${name}: ${path}`);
    await reply.body?.cancel();
  }

  const created = await send('POST', `${base}/compositors`, { name: 'Second' });
  t.equal(created.headers.get('location'), '/compositord/compositors/second');
  t.equal((await follow(nginx.url + created.headers.get('location')!)).status, 200);
  const renewed = await send('PUT', `${base}/compositors/second/lease`);
  t.equal(renewed.status, 200);
  const page = await send('GET', `${base}/compositors?limit=1`);
  const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
  t.equal((await send('GET', nginx.url + next!)).body.items.length, 1);
  const past = await follow(`${base}/manifest?revision=2`);
  t.match(past.url, /\/compositord\/manifest\?.*at=2-/, 'a redirect stays below the path');
  t.equal(past.status, 200);
  const problem = await send('GET', `${base}/nothing`);
  t.match(problem.body, { type: '/compositord/problems/not-found' });
  t.equal((await follow(nginx.url + String(problem.body.type))).status, 200);

  const large = await send('PATCH', `${base}/compositors/wall/tiles`, {
    '0,0': { brick: 'b'.repeat(1_200_000) },
  });
  t.match(large, { status: 413, body: { type: '/compositord/problems/too-large' } });

  const map = await follow(base, 'text/html');
  t.match(map.url, /\/compositord\/map$/, 'a browser is sent to the map');
  const docs = await follow(`${base}/docs`, 'text/html');
  for (const page of [map, docs]) {
    const scripts = [...(await page.text()).matchAll(/src="([^"]+)"/g)].map((match) => match[1]!);
    t.ok(scripts.length > 0);
    for (const script of scripts) t.equal((await follow(new URL(script, page.url).href)).status, 200, script);
  }

  t.equal((await follow(`${nginx.url}/manifest`)).status, 404, 'what is not below it is the other site');
});
