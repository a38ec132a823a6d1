import { once } from 'node:events';
import t, { type Test } from 'tap';
import { Live } from '../../web/live.ts';
import { Palette } from '../../web/palette.ts';
import type { Rectangle } from '../../web/rectangle.ts';
import { APPEARED, CHANGED, REMOVED, Scene, type Cell } from '../../web/scene.ts';
import { Shown } from '../../web/shown.ts';
import { DARK } from '../../web/theme.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';

const daemon = await startDaemon(t);
const patch = (tiles: object) => send('PATCH', `${daemon.url}/compositors/wall/tiles`, tiles);

await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
await patch(Object.fromEntries(Array.from({ length: 200 }, (_, x) => [`${x},0`, { brick: 'b' }])));

/** What a page would show that begins at `screen`, and what lit up there, in order. */
function look(t: Test, screen: Rectangle) {
  const lit: Cell[] = [];
  const news = new EventTarget();
  const palette = new Palette({ theme: DARK });
  const scene = new Scene({ palette });
  scene.onChange = (cell) => lit.push(cell);
  const shown = new Shown({ scene, palette, clock: () => 1 });
  const live = new Live({ url: daemon.url, screen, shown });
  live.onState = () => news.dispatchEvent(new Event('news'));
  live.onUnauthorized = () => t.fail('nobody asked for a token');
  t.teardown(() => live.close());
  const until = async (holds: () => boolean) => {
    while (!holds()) await once(news, 'news');
  };
  return { live, shown, scene, lit, until };
}

const HERE = { x1: 0, y1: 0, x2: 40, y2: 10 };
const THERE = { x1: 130, y1: 0, x2: 170, y2: 10 };

// Each tile that left the view with a move was shown as removed: thousands of ghosts and red rings while panning.
t.test('what leaves the view has not gone', async (t) => {
  const { live, shown, scene, lit, until } = look(t, HERE);
  await until(() => live.state.state === 'live' && scene.get(0, 0) !== undefined);
  live.look(THERE);
  await until(() => scene.get(150, 0) !== undefined);
  t.equal(scene.get(0, 0), undefined, 'what the view left is forgotten');
  t.strictSame([lit, scene.ghosts(1)], [[], []], 'and nothing lights up for that');
  await patch({ '150,0': { brick: 'other' }, '150,1': { brick: 'new' }, '151,0': null });
  await until(() => scene.get(151, 0) === undefined);
  t.strictSame(
    lit.map(({ x, y, change }) => [x, y, change]).sort(),
    [
      [150, 0, CHANGED],
      [150, 1, APPEARED],
      [151, 0, REMOVED],
    ],
    'what happens in the new one does',
  );

  lit.length = 0;
  live.pause();
  shown.replace({ area: { ...HERE, x1: -8 }, tiles: [], compositors: [], revision: 1 });
  t.equal(scene.size, 0, 'the past, and elsewhere');
  live.resume();
  t.equal(scene.get(150, 0)?.tile.brick, 'other', 'and back');
  t.strictSame(lit, [], 'nothing of which has just happened either');
});
