// What reading a map of 1,000,000 tiles costs: memory, a restart on either store, one reader who takes everything, streams that open, and many
// readers with a view each.
import { buildTests } from '../scripts/build-tests.mjs';
import { written } from './measure.mjs';
import { everything } from './scale/everything.mjs';
import { opening } from './scale/opening.mjs';
import { LARGE_STORE, restart, restartOnRedis } from './scale/restart.mjs';
import { viewers } from './scale/viewers.mjs';
import { fill } from './tiles.mjs';

const TILES = 1_000_000;
const SIDE = 1000;
const BYTES_A_TILE = 150;

export async function scale(lab) {
  await buildTests();
  const folder = lab.folder();
  const first = await lab.daemon(LARGE_STORE, folder);
  const empty = await first.call('memory');
  await fill(first.url, 'wall', TILES);
  await lab.stop(first);
  const { daemon, rows } = await restart(lab, folder);
  const full = await daemon.call('memory');
  const held = (memory) => memory.heapUsed + memory.arrayBuffers;
  const each = (held(full) - held(empty)) / TILES;
  return [
    {
      what: 'memory of a tile, history and all',
      ours: written(each, 'B'),
      other: `${BYTES_A_TILE} B`,
      beside: 'allowed',
      ratio: each / BYTES_A_TILE,
      target: 1,
      atMost: true,
      note: `resident ${written((full.rss - empty.rss) / TILES, 'B')}`,
    },
    ...rows,
    ...(await everything(lab, daemon, SIDE)),
    ...(await opening(lab, daemon)),
    ...(await viewers(lab, daemon, SIDE)),
    await restartOnRedis(lab, TILES),
  ];
}
