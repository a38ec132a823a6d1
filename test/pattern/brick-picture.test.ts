import fc from 'fast-check';
import t from 'tap';
import { drawBrick } from '../../src/pattern/brick-picture.ts';
import { encodePng } from '../../src/services/bricks/png.ts';
import { readPng } from '../support/read-png.ts';

t.test('each name has a picture of its own, always the same', async (t) => {
  const names = Array.from({ length: 60 }, (_, i) => `brick-${i}.rts.png`);
  const pictures = new Set(names.map((name) => Buffer.from(drawBrick(name, 32)).toString('base64')));
  t.equal(pictures.size, names.length);
  t.same(drawBrick('wall.rts.png', 32), drawBrick('wall.rts.png', 32));
});

t.test('it is a square with round corners and a pattern on it, of two colours', async (t) => {
  for (const name of ['system_core', 'data_block', 'neural_link']) {
    const pixels = drawBrick(name, 64);
    const at = (x: number, y: number) => [...pixels.subarray(4 * (y * 64 + x), 4 * (y * 64 + x) + 4)];
    t.equal(at(0, 0)[3], 0, 'nothing in a corner');
    t.equal(at(32, 32)[3], 255, 'all of the middle');
    const colours = new Set(
      Array.from({ length: 64 * 64 }, (_, i) => at(i % 64, Math.floor(i / 64)).join()).filter((each) =>
        each.endsWith(',255'),
      ),
    );
    t.ok(colours.size > 1, name);
  }
});

t.test('whatever a brick is called, it can be drawn, and read again as a PNG', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer({ min: 1, max: 24 }),
      async (name, side) => {
        const pixels = drawBrick(name, side);
        const png = readPng(await encodePng(pixels, side));
        t.match(png, { width: side, height: side });
        if (Buffer.compare(png.pixels, pixels) !== 0) throw new Error(`other pixels: ${name}`);
      },
    ),
    { numRuns: 100 },
  );
});
