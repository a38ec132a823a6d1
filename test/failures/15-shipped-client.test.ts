// FAILURES 15. 502 during a deploy: nginx has no server behind it for a while. A native EventSource gives up for good on such
// an answer; the shipped client, as a page loads it, comes back with its cursor, and its viewer sees nothing but a light.
import t from 'tap';
import type * as client from '../../src/client/client.ts';
import { follow, hear, isExact, reached, until } from '../client/following.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { startNginx } from '../support/nginx.ts';
import { HttpPublisher } from './publisher.ts';

const shipped = (await import(new URL('../../dist/web/client.js', import.meta.url).href)) as typeof client;

t.test('502 for as long as it takes to be refused five times', { timeout: 100_000 }, async (t) => {
  const options = { dir: await temporaryFolder(t), port: await freePort(), args: ['--stream-retry=1'] };
  const daemon = await startDaemon(t, options);
  const nginx = await startNginx(t, { upstreams: [options.port] });
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' }, '1,1': { brick: 'b' } });
  const ids: (string | null)[] = [];
  const map = follow(
    t,
    {
      url: nginx.url,
      maxRetry: 2000,
      fetch: (input, init) => {
        ids.push(new Headers(init?.headers).get('last-event-id'));
        return fetch(input, init);
      },
    },
    shipped.connect,
  );
  await reached(map, wall.cursor);
  const { cursor } = map;
  const heard = hear(map);
  const problems: client.Problem[] = [];
  map.on('problem', (problem) => problems.push(problem));

  await daemon.stop();
  await until(
    map,
    () => problems.filter(({ status }) => status === 502).length >= 5,
    'five refusals',
    60_000,
  );
  t.equal(map.state, 'offline');
  t.equal(map.tiles.size, 2, 'the map stays');
  await startDaemon(t, options);
  await wall.patch({ '1,1': null, '2,2': { brick: 'c' } });
  await reached(map, wall.cursor);
  t.strictSame(heard.removed, ['1,1'], 'one patch, no snapshot that flashes');
  t.strictSame(new Set(ids.slice(1)), new Set([cursor]), 'it came back with its cursor each time');
  await isExact(t, map, daemon.url);
});
