import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { chunkRect, onPlane } from '../../src/domain/shell-area.ts';
import { INT32_MAX, INT32_MIN, isInt32 } from '../../src/domain/tile.ts';
import { rectHas } from '../../src/domain/view.ts';
import { law } from './law.ts';

const int32 = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.integer({ min: INT32_MIN, max: INT32_MAX }),
  fc.constantFrom(INT32_MIN, INT32_MAX),
);
const size = fc.integer({ min: 1, max: 512 });

law(
  t,
  'each cell is in the chunk that ChunkManager reads it from, and in no other',
  [int32, int32, size],
  (x, y, side) => {
    const chunk = { x: Math.floor(x / side), y: Math.floor(y / side), size: side };
    assert.ok(rectHas(chunkRect(chunk)!, { x, y }));
    for (const other of [
      { ...chunk, x: chunk.x + 1 },
      { ...chunk, y: chunk.y - 1 },
    ]) {
      const rect = chunkRect(other);
      assert.ok(!rect || !rectHas(rect, { x, y }));
    }
  },
);

law(t, 'a rectangle is cut at the end of the plane', [int32, int32, size, size], (x, y, w, h) => {
  const whole = { x1: x - 7, y1: y - 7, x2: x + w, y2: y + h };
  const part = onPlane(whole)!;
  for (const side of Object.values(part)) assert.ok(isInt32(side));
  assert.ok(rectHas(part, { x, y }));
  assert.deepEqual(onPlane(part), part);
});

t.test('what is beyond the plane has no cells', async (t) => {
  t.equal(chunkRect({ x: 2 ** 28, y: 0, size: 16 }), undefined);
  t.equal(chunkRect({ x: 0, y: INT32_MIN, size: 512 }), undefined);
  t.ok(chunkRect({ x: 2 ** 27 - 1, y: 0, size: 16 }));
});
