import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { headOfImage, ImageEncoder, tilesOfImage } from '../../src/domain/tile-image.ts';
import type { Tile } from '../../src/domain/tile.ts';
import { nextCursor, GENESIS } from '../../src/domain/cursor.ts';
import { cellKey, manifests } from '../support/arbitraries.ts';
import { law } from './law.ts';

const head = nextCursor(GENESIS, 'image');

function imageOf(parts: readonly (readonly (readonly [string, Tile])[])[]): Buffer {
  const encoder = new ImageEncoder();
  const pieces = [encoder.begin(head)];
  for (const part of parts) pieces.push(encoder.part(part) ?? Buffer.alloc(0));
  return Buffer.concat([...pieces, encoder.end()]);
}

law(t, 'tiles come back from their image as they went in', [fc.array(manifests(cellKey))], (all) => {
  const parts = all.map(({ tiles }) => [...tiles]);
  const image = imageOf(parts);
  assert.equal(headOfImage(image), head);
  assert.deepEqual([...tilesOfImage(image)], parts.flat());
});

law(
  t,
  'one that was cut or changed is refused',
  [manifests(cellKey), fc.nat(), fc.nat(254)],
  ({ tiles }, at, by) => {
    const image = imageOf([[...tiles]]);
    assert.throws(() => [...tilesOfImage(image.subarray(0, at % image.length))], SyntaxError);
    image[at % image.length]! += 1 + by;
    assert.throws(() => [...tilesOfImage(image)], SyntaxError);
  },
);

t.test('the cursor is that of an image alone', async (t) => {
  for (const text of [
    '',
    '\n',
    '{}\n',
    'null\n',
    `{"format":2,"head":"${head}"}\n`,
    '{"format":1,"head":"x"}\n',
  ])
    t.equal(headOfImage(Buffer.from(text)), undefined, JSON.stringify(text));
});
