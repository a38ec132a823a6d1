import { once } from 'node:events';
import t, { type Test } from 'tap';
import { LiveMap } from '../../web/map/live-map.ts';
import { Palette } from '../../web/colours/palette.ts';
import type { Rectangle } from '../../web/map/rectangle.ts';
import { APPEARED, CHANGED, REMOVED, type Spot } from '../../web/map/cell.ts';
import { Scene } from '../../web/map/scene.ts';
import { ServerClock } from '../../web/map/server-clock.ts';
import { DisplayState } from '../../web/map/display-state.ts';
import { DARK } from '../../web/colours/theme.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';

const daemon = await startDaemon(t);
const patch = (tiles: object) => send('PATCH', `${daemon.url}/compositors/wall/tiles`, tiles);

await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 });
await patch(Object.fromEntries(Array.from({ length: 200 }, (_, x) => [`${x},0`, { brick: 'b' }])));

/** A page that begins at `screen`, and the changes that it highlights, in order. */
function openPage(t: Test, screen: Rectangle) {
  const highlighted: Spot[] = [];
  const changes = new EventTarget();
  const palette = new Palette({ theme: DARK });
  const scene = new Scene({ palette });
  scene.onChange = (spot) => highlighted.push(spot);
  const display = new DisplayState({ scene, palette, clock: () => 1 });
  const sight = { screen, pixels: 20 };
  const live = new LiveMap({
    url: daemon.url,
    sight,
    size: { width: 820, height: 220 },
    display,
    clock: new ServerClock(),
  });
  live.onState = () => changes.dispatchEvent(new Event('change'));
  live.onUnauthorized = () => t.fail('nobody asked for a token');
  t.teardown(() => live.close());
  const until = async (holds: () => boolean) => {
    while (!holds()) await once(changes, 'change');
  };
  return { live, display, scene, highlighted, until };
}

const HERE = { x1: 0, y1: 0, x2: 40, y2: 10 };
const THERE = { x1: 130, y1: 0, x2: 170, y2: 10 };

// Each tile that left the view with a move was display as removed: thousands of fading and red rings while panning.
t.test('tiles that leave the view do not look removed', async (t) => {
  const { live, display, scene, highlighted, until } = openPage(t, HERE);
  await until(() => live.state.state === 'live' && scene.get(0, 0) !== undefined);
  live.look({ screen: THERE, pixels: 20 }, false);
  await until(() => scene.get(150, 0) !== undefined);
  t.equal(scene.get(0, 0), undefined, 'the page drops tiles outside the view');
  t.strictSame([highlighted, scene.fadingTiles(1)], [[], []], 'and highlights none of them');
  await patch({ '150,0': { brick: 'other' }, '150,1': { brick: 'new' }, '151,0': null });
  await until(() => scene.get(151, 0) === undefined);
  t.strictSame(
    highlighted.map(({ x, y, change }) => [x, y, change]).sort(),
    [
      [150, 0, CHANGED],
      [150, 1, APPEARED],
      [151, 0, REMOVED],
    ],
    'changes in the new view are highlighted',
  );

  highlighted.length = 0;
  live.pause();
  const rect = { ...HERE, x1: -8 };
  display.replace({ rect, zoom: 0, tiles: [], areas: [], compositors: [], regions: [], revision: 1 });
  t.equal(scene.size, 0, 'the history, at another place');
  live.resume();
  t.equal(scene.get(150, 0)?.tile.brick, 'other', 'back to live');
  t.strictSame(highlighted, [], 'none of that is highlighted');
});

t.test('a map that slept shows what happened meanwhile, and nothing in between', async (t) => {
  const { live, scene, highlighted, until } = openPage(t, HERE);
  await until(() => live.state.state === 'live' && scene.get(0, 0) !== undefined);
  const count = scene.size;
  live.sleep();
  await patch({ '5,5': { brick: 'meanwhile' } });
  live.wake();
  await until(() => scene.get(5, 5) !== undefined);
  t.equal(scene.size, count + 1);
  t.strictSame(
    highlighted.map(({ x, y, change }) => [x, y, change]),
    [[5, 5, APPEARED]],
  );
});
