import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { History } from '../../../src/domain/history.ts';
import { LiveManifest } from '../../../src/domain/live-manifest.ts';
import { ManifestAt } from '../../../src/domain/manifest-at.ts';
import { copyManifest, type Manifest } from '../../../src/domain/patch.ts';
import { BlockTexts } from '../../../src/services/manifest/block-texts.ts';
import {
  alone,
  keptPieces,
  manifestPieces,
  manifestText,
  tileText,
} from '../../../src/services/manifest/json-pieces.ts';
import { joined, type Segment } from '../../../src/services/manifest/text-piece.ts';
import { gzipPieces } from '../../../src/plugins/gzip-pieces.ts';
import { fullTile, ownTile } from '../../../src/services/manifest/tile-text.ts';
import { law } from '../../domain/law.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { selected } from '../../support/algebra.ts';
import { canonical, chainOf, change, manifests, view } from '../../support/arbitraries.ts';

const ENDLESS = { commits: Infinity, seconds: Infinity, bytes: Infinity };

/** Cells in a few squares, of which one is so full that its text is kept. */
const nearKey = fc
  .tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -2, max: 2 }))
  .map(([x, y]) => `${x},${y}`);
const withFullSquare = (manifest: Manifest): Manifest => {
  for (let i = 0; i < 40; i++)
    manifest.tiles.set(`${i % 20},${i < 20 ? 0 : 1}`, { brick: 'b', timestamp: i, compositor: 'a' });
  return manifest;
};
const chains = fc
  .tuple(manifests(nearKey).map(withFullSquare), fc.array(change(nearKey), { maxLength: 12 }))
  .map(([start, run]) => chainOf(start, run));

function parsed(text: Buffer): Manifest {
  const { compositors, tiles, regions = {} } = JSON.parse(text.toString());
  const [a, b, c] = [compositors, tiles, regions].map((each) => new Map(Object.entries(each)));
  return { compositors: a, tiles: b, regions: c } as Manifest;
}

/** Through JSON, as both sides of a comparison must have gone: it knows no -0. */
const plain = (manifest: Manifest) => canonical(parsed(Buffer.from(textOf(manifest))));
const textOf = (manifest: Manifest) =>
  JSON.stringify(
    Object.fromEntries(Object.entries(manifest).map(([name, map]) => [name, Object.fromEntries(map)])),
  );

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

t.test('pieces show one cursor, though commits change blocks whose texts are kept', async (t) => {
  const checked = fc.assert(
    fc.asyncProperty(chains, view, fc.nat(), fc.nat(), async ({ base, states, commits }, v, i, j) => {
      const to = i % states.length;
      const n = j % (to + 1);
      const history = new History(ENDLESS, base);
      for (const commit of commits.slice(0, to)) history.push(commit);
      const live = new LiveManifest(copyManifest(states[to]!));
      const texts = new BlockTexts({ encode: fullTile, budget: 2 ** 20 });
      const coming = commits.slice(to).values();
      /** Every slice ends at once, and others commit before the next. */
      let now = 0;
      const clock = Object.assign(new ManualClock(), {
        monotonic: () => (now += 10),
        soon: (run: () => void) =>
          void setImmediate(() => {
            const { value: commit } = coming.next();
            if (commit) history.push(live.commit(commit));
            live.sweep().next();
            run();
          }),
      });
      const work = new LongWork(clock);
      const read = async (number: number) => {
        const manifest = new ManifestAt(live, history, commits[number - 1]?.cursor ?? base);
        const pieces = await allOf<Segment>(manifestPieces(work, manifest, v, '{', texts));
        const text = joined(pieces);
        assert.equal(canonical(parsed(text)), plain(selected(states[number]!, v)));
        const coded = await allOf(gzipPieces(keptPieces(work, pieces)));
        assert.ok(gunzipSync(Buffer.concat(coded)).equals(text), 'compressed, it is the same');
      };
      // What the second one reads, the first has encoded.
      await read(n);
      await read(n);
    }),
    { numRuns: 300 },
  );
  await t.resolves(checked);
});

law(t, 'at once, it is the same', [chains, view], ({ base, states, commits }, v) => {
  const history = new History(ENDLESS, base);
  for (const commit of commits) history.push(commit);
  const live = new LiveManifest(copyManifest(states.at(-1)!));
  const manifest = new ManifestAt(live, history, history.head);
  const texts = new BlockTexts({ encode: fullTile, budget: 2 ** 20 });
  const seen = selected(states.at(-1)!, v);
  for (let i = 0; i < 2; i++)
    assert.equal(canonical(parsed(manifestText(manifest, v, '{', texts))), plain(seen));
  const own = new BlockTexts({ encode: ownTile, budget: 2 ** 20 });
  const tiles = JSON.parse(tileText(manifest, v, alone(own)).toString());
  assert.deepEqual(Object.keys(tiles).sort(), [...seen.tiles.keys()].sort());
  for (const [key, { brick, timestamp }] of seen.tiles)
    assert.deepEqual(tiles[key], { brick, timestamp: timestamp + 0 });
});
