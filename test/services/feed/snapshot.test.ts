import t from 'tap';
import { makeCompositor } from '../../../src/domain/compositor.ts';
import { GENESIS } from '../../../src/domain/cursor.ts';
import { LiveManifest } from '../../../src/domain/live-manifest.ts';
import { emptyManifest } from '../../../src/domain/patch.ts';
import { FEED_LIMITS } from '../../../src/services/feed/limits.ts';
import { Snapshot } from '../../../src/services/feed/snapshot.ts';

/** Each in a square of its own. */
const TILES = 20_000;

// The first part of a view went on to the first 64 KiB of what the view shows, through a million tiles of others if need be.
t.test('a view that shows little of many tiles is looked through in parts', async (t) => {
  const manifest = emptyManifest();
  for (const id of ['a', 'b'])
    manifest.compositors.set(
      id,
      makeCompositor({ id, name: id, labels: {}, capabilities: [], enabled: true, registeredAt: 'now' }),
    );
  for (let i = 0; i < TILES; i++)
    manifest.tiles.set(`${32 * (i % 100)},${32 * Math.floor(i / 100)}`, {
      brick: 'x',
      timestamp: 1,
      compositor: 'a',
    });
  manifest.tiles.set('3000,6000', { brick: 'the one', timestamp: 1, compositor: 'b' });
  const snapshot = new Snapshot({
    manifest: new LiveManifest(manifest),
    view: { rect: { x1: 0, y1: 0, x2: 9999, y2: 9999 }, compositors: new Set(['b']) },
    viewHash: 'hash',
    since: GENESIS,
    now: 0,
    limits: FEED_LIMITS,
    shared: false,
  });
  snapshot.join();
  const first = snapshot.first('initial', GENESIS).bare.toString();
  t.match(first, /"name":"b"/);
  t.notMatch(first, /the one/);
  const parts: string[] = [];
  for (let part; (part = snapshot.take(parts.length + 1));) parts.push(part.bare.toString());
  const comments = parts.filter((part) => part === ':\n');
  t.ok(
    comments.length >= TILES / FEED_LIMITS.lookedAt - 3,
    `${comments.length} parts in which nothing is visible`,
  );
  const [shown, ...others] = parts.filter((part) => part !== ':\n');
  t.match(shown, /"3000,6000":.*the one/);
  t.strictSame(others, []);
});
