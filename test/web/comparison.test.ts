// On a map that changed all the time, a comparison with it was read again without a pause, by each viewer.
import t from 'tap';
import { ApiError } from '../../web/page/api.ts';
import { Comparison } from '../../web/past/comparison.ts';
import { eventually } from '../failures/eventually.ts';

const NONE = { added: 0, changed: 0, removed: 0 };
const NO_ENTRY = { total: NONE, items: [] };
const REPLY = {
  ...{ cursor: '', time: '', since: '', zoom: 0, total: NONE, compositors: {}, areas: {} },
  ...{ fleet: NO_ENTRY, regions: NO_ENTRY },
};

t.test('a busy live map is compared once in a look', async (t) => {
  let [head, reads, found] = [1, 0, 0];
  const comparison = new Comparison({
    api: {
      comparison: async () => {
        reads++;
        head++;
        return REPLY;
      },
    },
    sight: () => ({ screen: { x1: 0, y1: 0, x2: 9, y2: 9 }, pixels: 20 }),
    at: () => undefined,
    isShown: () => true,
    only: () => undefined,
    head: () => `${head}-00000000`,
    onChange: (now) => {
      if (now) found++;
    },
    onGone: () => t.fail('nothing is gone'),
  });
  t.teardown(() => comparison.stop());
  comparison.start('1-00000000');
  await eventually(() => found === 1, 'the first comparison');
  // As each frame of a moving map does.
  for (let frame = 0; frame < 50; frame++) comparison.update();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(reads, 2, 'the whole plane, and the screen');
  await eventually(() => found === 2, 'the next look');
  t.equal(reads, 4, 'both anew');
});

// Of a comparison whose shown moment was trimmed, it said that the marked one was.
t.test('whichever moment was trimmed is named', async (t) => {
  for (const [from, at, oldest, wanted] of [
    ['2-00000000', '9-00000000', '5-00000000', ['2-00000000']],
    ['9-00000000', '2-00000000', '5-00000000', ['2-00000000']],
    ['2-00000000', '3-00000000', '5-00000000', ['2-00000000', '3-00000000']],
    ['2-00000000', undefined, '5-00000000', ['2-00000000']],
    ['7-ffffffff', '8-ffffffff', '5-00000000', ['7-ffffffff']],
  ] as const) {
    const gone = await new Promise<readonly string[]>((resolve) => {
      const comparison = new Comparison({
        api: { comparison: () => Promise.reject(new ApiError(410, { oldest })) },
        sight: () => ({ screen: { x1: 0, y1: 0, x2: 9, y2: 9 }, pixels: 20 }),
        ...{ at: () => at, isShown: () => true, only: () => undefined, head: () => undefined },
        onChange: () => undefined,
        onGone: (cursors) => {
          comparison.stop();
          resolve(cursors);
        },
      });
      comparison.start(from);
    });
    t.strictSame(gone, wanted);
  }
});
