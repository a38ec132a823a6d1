import t from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { openMap, pixel, placeOf, screenshot } from './map-page.ts';

const browser = (await startBrowser(t)).context.browser()!;
const daemon = await startDaemon(t);

/** Squares of 16 x 16 cells: one of two owners, one full, one with a single tile. */
for (const [id, cells] of [
  ['ours', square(0, (x) => x < 8)],
  ['theirs', square(0, (x) => x >= 8)],
  ['full', square(64, () => true)],
  ['lone', ['136,8']],
] as const) {
  await send('PUT', `${daemon.url}/compositors/${id}`, { name: id, ttl: 3600 });
  const tiles = cells.map((cell) => [cell, { brick: 'b' }]);
  await send('PATCH', `${daemon.url}/compositors/${id}/tiles`, Object.fromEntries(tiles));
}

function square(left: number, holds: (x: number) => boolean): string[] {
  const cells = Array.from({ length: 256 }, (_, i) => [i % 16, Math.floor(i / 16)] as const);
  return cells.filter(([x]) => holds(x)).map(([x, y]) => `${left + x},${y}`);
}

// From afar a square had the colour of one owner, and 1 tile in it looked like 256.
t.test('from afar a square shows its owners by share, and how full it is', async (t) => {
  // Below 5 pixels a square is twice as wide: at 0.5 pixels per cell, it is 16 cells and 8 pixels wide.
  const map = await openMap(t, browser, daemon.url, { hash: '#80,8,0.5' });
  const state = await map.until('squares', ({ level, drawn }) => level === 4 && drawn === 4);
  const at = async (x: number, y: number) => {
    const place = placeOf(state, x, y);
    return pixel(browser, map.page, place.x, place.y);
  };
  const paper = await pixel(browser, map.page, 500, 600);
  const far = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0);
  const [ours, theirs] = [await at(4, 8), await at(12, 8)];
  t.ok(far(ours, paper) > 100 && far(theirs, paper) > 100, 'both owners are there');
  t.ok(far(ours, theirs) > 60, `each with its colour: ${ours.join()} and ${theirs.join()}`);
  const [full, lone] = [await at(71, 8), await at(135, 8)];
  t.ok(far(lone, paper) > 60, `a single tile is seen: ${lone.join()}`);
  t.ok(far(full, paper) > 1.3 * far(lone, paper), `a full square is brighter: ${full.join()}`);
  await screenshot(map.page, 'shares');
});
