import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { makeCompositor } from '../../../src/domain/compositor.ts';
import { GENESIS } from '../../../src/domain/cursor.ts';
import { LiveManifest } from '../../../src/domain/live-manifest.ts';
import { emptyManifest } from '../../../src/domain/patch.ts';
import { GZIP_HEAD, GzipEnd, type GzipFrame } from '../../../src/services/feed/gzip.ts';
import { FEED_LIMITS } from '../../../src/services/feed/limits.ts';
import { Snapshot } from '../../../src/services/feed/snapshot.ts';
import { BlockTexts } from '../../../src/services/manifest/block-texts.ts';
import { fullTile } from '../../../src/services/manifest/tile-text.ts';
import type { View } from '../../../src/domain/view.ts';

const textsOf = () => new BlockTexts({ encode: fullTile, budget: 2 ** 24 });

const endOf = (frame: GzipFrame) => {
  const end = new GzipEnd();
  end.add(frame);
  return end.encode().bare;
};

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
    copy: { manifest: new LiveManifest(manifest), texts: textsOf() },
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

t.test('whole blocks are sent as their texts, and those that a view cuts tile by tile', async (t) => {
  const manifest = emptyManifest();
  for (let i = 0; i < 9216; i++)
    manifest.tiles.set(`${i % 96},${Math.floor(i / 96)}`, {
      brick: `brick "${i % 7}"`,
      timestamp: i / 8,
      compositor: i % 96 < 40 ? 'a' : 'b',
    });
  const live = new LiveManifest(manifest);
  let encoded = 0;
  const texts = new BlockTexts({
    encode: (key, tile) => {
      encoded += 1;
      return fullTile(key, tile);
    },
    budget: 2 ** 24,
  });
  const read = (view: View, shared: boolean) => {
    const options = { view, viewHash: '', since: GENESIS, now: 0, limits: FEED_LIMITS, shared };
    const snapshot = new Snapshot({ copy: { manifest: live, texts }, ...options });
    snapshot.join();
    const frames = [snapshot.first('initial', GENESIS)];
    for (let part; (part = snapshot.take(frames.length));) frames.push(part);
    const seen = new Map<string, unknown>();
    for (const { bare, gzip } of frames) {
      const coded = [GZIP_HEAD.bare, gzip.bare, endOf(gzip)];
      if (!gunzipSync(Buffer.concat(coded)).equals(bare)) t.fail('another frame when it is compressed');
      t.ok(bare.length <= FEED_LIMITS.part / (shared ? 1 : 4) + 1024, `${bare.length} bytes`);
      const data = bare.toString().match(/^data: (.*)$/gm)!;
      const json = JSON.parse(data.map((line) => line.slice(6)).join('\n')) as { tiles: object };
      for (const [key, tile] of Object.entries(json.tiles)) {
        if (seen.has(key)) t.fail(`${key} twice`);
        seen.set(key, tile);
      }
    }
    t.strictSame(seen, new Map(live.visibleTiles(view)));
    return frames.length;
  };
  t.ok(read({}, true) > 9);
  t.equal(encoded, 9216);
  t.ok(read({}, false) > 40, 'a reader of its own gets smaller parts');
  t.equal(encoded, 9216, 'nothing is encoded again for it');
  read({ rect: { x1: 0, y1: 0, x2: 70, y2: 70 } }, false);
  t.equal(encoded - 9216, 71 ** 2 - 64 ** 2, 'only what is cut is encoded for one view alone');
  read({ rect: { x1: 5, y1: 5, x2: 90, y2: 90 }, compositors: new Set(['b']) }, false);
});
