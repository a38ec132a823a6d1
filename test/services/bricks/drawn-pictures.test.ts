import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { DrawnPictures } from '../../../src/services/bricks/drawn-pictures.ts';

t.test('a picture is drawn once, however many want it', async (t) => {
  const drawn = new DrawnPictures(new LongWork(new SystemClock()));
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => drawn.of('wall.rts.png')));
  for (const each of [...others, await drawn.of('wall.rts.png')])
    t.equal(each, first, 'the same bytes in memory');
});

t.test('only so many wait', async (t) => {
  const drawn = new DrawnPictures(new LongWork(new SystemClock()));
  const wanted = Array.from({ length: 2002 }, (_, i) => drawn.of(`brick-${i % 3}`));
  const results = await Promise.allSettled(wanted);
  const failed = results.filter(({ status }) => status === 'rejected');
  t.equal(failed.length, 1);
  t.match(failed[0], { reason: { kind: 'overloaded' } });
});
