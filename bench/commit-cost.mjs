import { interleaved, middle, written } from './measure.mjs';

const SMALL = 1000;
const LARGE = 1_000_000;

/** One commit on a map of a million tiles beside one on a map of a thousand. */
export async function commitCost(lab) {
  const rows = [];
  for (const kind of ['memory', 'embedded']) {
    const [small, large] = [lab.worker('commit-cost'), lab.worker('commit-cost')];
    await Promise.all([
      small.call('prepare', { tiles: SMALL, kind }),
      large.call('prepare', { tiles: LARGE, kind }),
    ]);
    for (const together of [false, true]) {
      if (kind === 'memory' && !together) continue;
      const count = together ? 256 : 50;
      const sides = {
        large: () => large.call('commit', { count, together }),
        small: () => small.call('commit', { count, together }),
      };
      await interleaved(sides, 3);
      const results = await interleaved(sides, 11);
      const name = kind === 'memory' ? 'no store' : `embedded, ${together ? '256 at once' : 'one by one'}`;
      for (const [key, by] of [
        ['cpu', 'CPU'],
        ['wall', 'clock'],
      ]) {
        const [a, b] = [middle(results.large, key), middle(results.small, key)];
        const what = `a commit at 1,000,000 tiles, ${name}, ${by}`;
        rows.push({
          what,
          ours: written(a, 'us'),
          other: written(b, 'us'),
          beside: 'at 1,000',
          ratio: a / b,
          target: 1.5,
          atMost: true,
        });
      }
    }
    await Promise.all([small.call('close'), large.call('close')]);
  }
  return rows;
}
