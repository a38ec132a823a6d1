import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { SharedNames } from '../../src/domain/shared-names.ts';
import { indexInSquare, rectOf, squareOf } from '../../src/domain/square.ts';
import { TileBlock } from '../../src/domain/tile-block.ts';
import { cellOf, type Tile } from '../../src/domain/tile.ts';
import { rectHas } from '../../src/domain/view.ts';
import { rect, tile } from '../support/arbitraries.ts';
import { law } from './law.ts';

const FIRST = '-64,32';
const SQUARE = squareOf(cellOf(FIRST));
const owner = { id: 'a', isWithdrawn: false };

/** Cells of one square, few enough to meet. */
const key = fc
  .tuple(fc.constantFrom(0, 1, 2, 15, 30, 31), fc.constantFrom(0, 1, 30, 31))
  .map(([x, y]) => `${-64 + x},${32 + y}`);
const step = fc.tuple(key, fc.option(tile.map((each) => ({ ...each, compositor: 'a' }))));

/** A block beside a plain map of what is to be in it. */
class Pair {
  readonly names = new SharedNames();
  readonly plain = new Map<string, Tile>([[FIRST, { brick: 'b', timestamp: 1, compositor: 'a' }]]);
  readonly block = new TileBlock(owner, SQUARE, indexInSquare(cellOf(FIRST)), this.names.take('b'), 1);

  change(key: string, to: Tile | null): void {
    const index = indexInSquare(cellOf(key));
    const { version } = this.block;
    const before = to
      ? this.block.put(index, this.names.take(to.brick), to.timestamp)
      : this.block.delete(index);
    assert.equal(before?.text, this.plain.get(key)?.brick);
    assert.equal(this.block.version !== version, to !== null || before !== undefined);
    if (before) this.names.release(before);
    if (to) this.plain.set(key, to);
    else this.plain.delete(key);
  }
}

law(t, 'holds what a plain map would', [fc.array(step, { maxLength: 40 }), rect], (steps, r) => {
  const pair = new Pair();
  const { block, plain, names } = pair;
  for (const [key, to] of steps) {
    pair.change(key, to);
    const index = indexInSquare(cellOf(key));
    assert.deepEqual(block.tile(index), plain.get(key));
    assert.equal(block.has(index), plain.has(key));
  }
  assert.equal(block.size, plain.size);
  assert.deepEqual(new Map(block.entries()), plain);
  const near = [...plain].filter(([key]) => rectHas(r, cellOf(key)));
  assert.deepEqual(new Map(block.entries(r)), new Map(near));
  assert.deepEqual(new Map(block.entries(rectOf(SQUARE))), plain);
  assert.equal(
    names.size,
    new Set([...plain.values()].map(({ brick }) => brick)).size,
    'no name is left over',
  );
});

law(
  t,
  'read while it changes, it shows each tile that stays once',
  [fc.array(step, { maxLength: 20 }), fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 20 })],
  (start, meanwhile) => {
    const pair = new Pair();
    for (const [key, to] of start) pair.change(key, to);
    const stays = new Map(pair.plain);
    const seen: string[] = [];
    const changes = meanwhile.values();
    for (const [key] of pair.block.entries()) {
      seen.push(key);
      for (const [changed, to] of changes.next().value ?? []) {
        pair.change(changed, to);
        stays.delete(changed);
      }
    }
    assert.equal(new Set(seen).size, seen.length, 'none twice');
    for (const key of stays.keys()) assert.ok(seen.includes(key), key);
  },
);
