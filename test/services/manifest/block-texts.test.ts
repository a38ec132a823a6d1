import assert from 'node:assert/strict';
import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { LiveManifest } from '../../../src/domain/live-manifest.ts';
import { emptyManifest, patchOf, type Patch } from '../../../src/domain/patch.ts';
import type { TileBlock } from '../../../src/domain/tile-block.ts';
import type { Tile } from '../../../src/domain/tile.ts';
import { WHOLE } from '../../../src/domain/view.ts';
import { BlockTexts } from '../../../src/services/manifest/block-texts.ts';
import { TextBuilder } from '../../../src/services/manifest/text-builder.ts';
import { joined, KEPT_LEVEL, TextPiece } from '../../../src/services/manifest/text-piece.ts';
import { Deflater } from '../../../src/services/manifest/deflater.ts';
import { fullTile, ownTile } from '../../../src/services/manifest/tile-text.ts';
import { cellKey, patches, tile } from '../../support/arbitraries.ts';
import { law } from '../../domain/law.ts';

/** What is compressed apart is no whole: it has no last block. */
const LENIENT = { finishFlush: constants.Z_SYNC_FLUSH };

const tilesOf = (entries: Iterable<readonly [string, Tile | null]>): Patch =>
  patchOf({ tiles: new Map(entries) });
/** Full squares of one compositor from 0,0 to the right. */
function squares(count: number, brick = 'b'): LiveManifest {
  const live = new LiveManifest();
  for (let i = 0; i < count * 1024; i++)
    live.apply(
      tilesOf([
        [`${i % (count * 32)},${Math.floor(i / (count * 32))}`, { brick, timestamp: i, compositor: 'a' }],
      ]),
    );
  return live;
}
const blocksOf = (live: LiveManifest): TileBlock[] =>
  live.squaresIn(WHOLE).flatMap((square) => [...live.blocksIn(square, WHOLE)]);
const textOf = (texts: BlockTexts, block: TileBlock): string => {
  const known = texts.of(block);
  return typeof known === 'string' ? known : Buffer.concat(known.map(({ plain }) => plain)).toString();
};
const piecesOf = (texts: BlockTexts, block: TileBlock) => texts.of(block) as readonly TextPiece[];

law(t, 'a tile is encoded as JSON would', [cellKey, tile], (key, each) => {
  const { brick, timestamp } = each;
  assert.equal(fullTile(key, each), `,"${key}":${JSON.stringify(each)}`);
  assert.equal(ownTile(key, each), `,"${key}":${JSON.stringify({ brick, timestamp })}`);
});

law(
  t,
  'the text of a block is that of its tiles now, however small the budget',
  [fc.array(patches(cellKey), { maxLength: 6 }), fc.constantFrom(0, 5000, Infinity)],
  (changes, budget) => {
    const live = squares(1);
    const texts = new BlockTexts({ encode: fullTile, budget });
    for (const change of [...changes, tilesOf([])]) {
      for (const block of blocksOf(live)) {
        const expected = [...block.entries()].map(([key, each]) => fullTile(key, each)).join('');
        for (let i = 0; i < 2; i++) assert.equal(textOf(texts, block), expected);
        assert.ok(texts.bytes <= budget);
      }
      live.apply(change);
    }
  },
  30,
);

t.test('a text is made once until its block changes', async (t) => {
  const live = squares(2, 'a brick of some length');
  let encoded = 0;
  const encode = (key: string, each: Tile) => {
    encoded += 1;
    return fullTile(key, each);
  };
  const texts = new BlockTexts({ encode, budget: 2 ** 20 });
  const readAll = () => {
    const before = encoded;
    for (const block of blocksOf(live)) texts.of(block);
    return encoded - before;
  };
  t.equal(readAll(), 2048);
  t.equal(readAll(), 0);
  live.apply(tilesOf([['1,1', { brick: 'other', timestamp: 1, compositor: 'a' }]]));
  t.equal(readAll(), 1024, 'only the one that changed');
  const [first, second] = blocksOf(live) as [TileBlock, TileBlock];
  const bytes = texts.bytes;
  const small = new BlockTexts({ encode, budget: bytes - 1 });
  small.of(first);
  small.of(second);
  t.ok(small.bytes < bytes, 'the first one is dropped');
  const before = encoded;
  small.of(second);
  t.equal(encoded, before, 'and not the one that was asked for last');
});

t.test('a long text comes in pieces that begin with a comma', async (t) => {
  const [block] = blocksOf(squares(1, 'x'.repeat(200)));
  const pieces = piecesOf(new BlockTexts({ encode: fullTile, budget: 2 ** 20 }), block!);
  t.ok(pieces.length > 10);
  for (const { plain } of pieces) {
    t.ok(plain.length <= 16_000);
    JSON.parse(`{${plain.subarray(1).toString()}}`);
  }
});

t.test(
  'what compression makes of a text is kept with it, within the budget, until the block changes',
  async (t) => {
    const live = squares(2, 'a brick of some length');
    const [first, second] = blocksOf(live) as [TileBlock, TileBlock];
    const texts = new BlockTexts({ encode: fullTile, budget: 2 ** 20 });
    const plainBytes = textOf(texts, first).length;
    const made = piecesOf(texts, first).map((piece) => piece.gzip());
    const bytes = made.reduce((sum, piece) => sum + piece.bytes.length, 0);
    t.ok(bytes < plainBytes / 8, `${bytes} of ${plainBytes} bytes`);
    t.strictSame(
      piecesOf(texts, first).map((piece) => piece.gzip()),
      made,
    );
    for (const [i, piece] of piecesOf(texts, first).entries()) {
      t.equal(piece.gzip(), made[i], 'the same, not another one');
      t.ok(inflateRawSync(made[i]!.bytes, LENIENT).equals(piece.plain.subarray(1)));
    }

    const deflater = new Deflater(KEPT_LEVEL);
    const [piece] = piecesOf(texts, second) as [TextPiece];
    const [one, other] = await Promise.all([piece.gzipBy(deflater), piece.gzipBy(deflater)]);
    t.equal(one, other, 'two who want it at once share it');
    t.equal(piece.gzip(), one);

    live.apply(tilesOf([['1,1', { brick: 'other', timestamp: 1, compositor: 'a' }]]));
    const changed = Buffer.concat(
      piecesOf(texts, first).map((each) => inflateRawSync(each.gzip().bytes, LENIENT)),
    );
    t.match(changed.toString(), /"1,1":{"brick":"other"/);

    const full = new BlockTexts({ encode: fullTile, budget: 2 ** 20 });
    for (const block of [first, second]) full.of(block);
    const plainOnly = full.bytes;
    const tight = new BlockTexts({ encode: fullTile, budget: plainOnly });
    tight.of(first);
    const kept = piecesOf(tight, second);
    t.equal(tight.bytes, plainOnly);
    for (const each of kept) each.gzip();
    t.ok(tight.bytes < plainOnly * 0.7, 'the one that nobody asked for lately had to go');
    t.strictSame(piecesOf(tight, second), kept);
  },
);

t.test('a text is built of members that bring their commas', async (t) => {
  const text = new TextBuilder();
  text.open('{"a":{');
  text.members('');
  text.members(new TextPiece(Buffer.from(',"b":1'), () => undefined));
  text.members(',"c":2,"d":3');
  text.open('},"e":{');
  text.members(',"f":4');
  text.add('}}');
  t.ok(text.length > 0);
  t.strictSame(JSON.parse(joined(text.take()).toString()), { a: { b: 1, c: 2, d: 3 }, e: { f: 4 } });
  t.strictSame([text.length, text.take()], [0, []]);
});

t.test('an empty map has no texts', async (t) => {
  t.strictSame(blocksOf(new LiveManifest(emptyManifest())), []);
});
