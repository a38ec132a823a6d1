import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { follow, hear, isExact, reached, until } from './following.ts';

t.test('a daemon that is killed and comes back', { timeout: 100_000 }, async (t) => {
  const life = { dir: await temporaryFolder(t), port: await freePort() };
  const daemon = await startDaemon(t, life);
  const { url } = daemon;
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' }, '1,1': { brick: 'b' } });
  const map = follow(t, { url });
  await reached(map, wall.cursor);
  const heard = hear(map);
  await daemon.stop('SIGKILL');
  await until(map, ({ state }) => state === 'offline', 'the loss');
  t.equal(map.tiles.size, 2, 'the copy stays');
  await startDaemon(t, life);
  await wall.patch({ '2,2': { brick: 'c' } });
  await reached(map, wall.cursor);
  t.strictSame(heard.removed, [], 'nothing flashed');
  t.strictSame(new Set(heard.states), new Set(['connecting', 'offline', 'live']));
  await isExact(t, map, url);
});
