import t from 'tap';
import { Semaphore } from '../../src/concurrency/semaphore.ts';

/** A task that ends when the test says so. */
function task(log: string[], name: string) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const work = async () => {
    log.push(`${name} starts`);
    await ended;
    log.push(`${name} ends`);
    return name;
  };
  return { work, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('one at a time, in order of coming', async (t) => {
  const log: string[] = [];
  const mutex = new Semaphore(1);
  const [a, b, c] = [task(log, 'a'), task(log, 'b'), task(log, 'c')];
  const all = Promise.all([a, b, c].map(({ work }) => mutex.run(work)));
  await settled();
  t.strictSame(log, ['a starts']);
  t.equal(mutex.isFull, true);
  t.equal(mutex.waiting, 2);
  for (const { end } of [c, b, a]) end();
  t.strictSame(await all, ['a', 'b', 'c']);
  t.strictSame(log, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  t.equal(mutex.isFull, false);
});

t.test('as many at a time as there are permits', async (t) => {
  const log: string[] = [];
  const semaphore = new Semaphore(2);
  const [a, b, c] = [task(log, 'a'), task(log, 'b'), task(log, 'c')];
  const all = [a, b, c].map(({ work }) => semaphore.run(work));
  await settled();
  t.strictSame(log, ['a starts', 'b starts']);
  b.end();
  await settled();
  t.strictSame(log.slice(2), ['b ends', 'c starts']);
  a.end();
  c.end();
  await Promise.all(all);
});

t.test('the permit comes back when the work throws', async (t) => {
  const mutex = new Semaphore(1);
  await t.rejects(
    mutex.run(() => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  await t.rejects(
    mutex.run(() => {
      throw new Error('at once');
    }),
    { message: 'at once' },
  );
  t.equal(await mutex.run(() => 'free'), 'free');
});

t.test('a permit that is given back twice is one permit', async (t) => {
  const mutex = new Semaphore(1);
  const release = await mutex.acquire();
  release();
  release();
  await mutex.acquire();
  t.equal(mutex.isFull, true);
});

t.test('nobody overtakes the one who waits', async (t) => {
  const mutex = new Semaphore(1);
  const order: string[] = [];
  const release = await mutex.acquire();
  const first = mutex.run(() => order.push('waited'));
  release();
  await Promise.all([mutex.run(() => order.push('came later')), first]);
  t.strictSame(order, ['waited', 'came later']);
});

t.test('who leaves while waiting frees the place at once', async (t) => {
  const mutex = new Semaphore(1);
  const release = await mutex.acquire();
  const controller = new AbortController();
  const leaves = mutex.run(() => t.fail('it left'), controller.signal);
  const stays = mutex.run(() => 'ran');
  controller.abort(new Error('gone'));
  await t.rejects(leaves, { message: 'gone' });
  t.equal(mutex.waiting, 1);
  release();
  t.equal(await stays, 'ran');
  await t.rejects(mutex.acquire(controller.signal), { message: 'gone' }, 'and who had left before it came');
  t.equal(mutex.isFull, false);
});

t.test('a signal that comes after the start changes nothing', async (t) => {
  const mutex = new Semaphore(1);
  const controller = new AbortController();
  const release = await mutex.acquire();
  const second = mutex.acquire(controller.signal);
  release();
  const end = await second;
  controller.abort();
  t.equal(mutex.isFull, true);
  end();
  t.equal(mutex.isFull, false);
});
