import { EventEmitter, once } from 'node:events';
import t from 'tap';
import { ServiceManager } from '../../src/adapters/service-manager.ts';

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' };

/** What was said, in order; each word takes a moment to be said. */
function heard(env: Record<string, string>) {
  const words: string[][] = [];
  const said = new EventEmitter();
  const manager = new ServiceManager(env, async (assignments) => {
    await new Promise((resolve) => setImmediate(resolve));
    words.push([...assignments]);
    said.emit('word');
  });
  const count = async (wanted: number) => {
    while (words.length < wanted) await once(said, 'word');
    return words;
  };
  return { manager, words, count };
}

t.test('from ready to the end, in order', async (t) => {
  const { manager, count } = heard(SOCKET);
  manager.ready('serves http://127.0.0.1:8760');
  await manager.whileReloading('serves on', async () => undefined);
  manager.stopping();
  t.match(await count(4), [
    ['READY=1', 'STATUS=serves http://127.0.0.1:8760'],
    ['RELOADING=1', /^MONOTONIC_USEC=[1-9]\d+$/],
    ['READY=1', 'STATUS=serves on'],
    ['STOPPING=1', /^STATUS=/],
  ]);
});

// What went wrong: with workers READY came before any of them had reloaded, and a reload that took its time said READY after STOPPING.
t.test('ready again when the last of several reloads is done, and not once it stops', async (t) => {
  const { manager, words, count } = heard(SOCKET);
  const ends: (() => void)[] = [];
  const reload = () => manager.whileReloading('serves on', () => new Promise((end) => ends.push(end)));
  const [first, second] = [reload(), reload()];
  t.match(await count(1), [['RELOADING=1']]);
  ends[0]!();
  await first;
  await new Promise(setImmediate);
  t.equal(words.length, 1);
  ends[1]!();
  await second;
  t.match((await count(2))[1], ['READY=1', 'STATUS=serves on']);
  const third = reload();
  manager.stopping();
  ends[2]!();
  await third;
  t.match((await count(4)).slice(2), [['RELOADING=1'], ['STOPPING=1']]);
  await new Promise(setImmediate);
  t.equal(words.length, 4);
});

t.test('without systemd nothing is said', async (t) => {
  const { manager, words } = heard({ WATCHDOG_USEC: '2000' });
  manager.ready('serves');
  manager.watch(() => true);
  manager.stopping();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(words, []);
});

t.test('signs of life, for as long as it works', async (t) => {
  const { manager, words, count } = heard({
    ...SOCKET,
    WATCHDOG_USEC: '4000',
    WATCHDOG_PID: String(process.pid),
  });
  // The timer alone keeps no process alive.
  const alive = setInterval(() => undefined, 1000);
  t.teardown(() => clearInterval(alive));
  let works = true;
  let looks = 0;
  const looked = new EventEmitter();
  manager.watch(() => {
    looks += 1;
    looked.emit('look');
    return works;
  });
  t.same((await count(3)).slice(0, 3), [['WATCHDOG=1'], ['WATCHDOG=1'], ['WATCHDOG=1']]);
  works = false;
  await once(looked, 'look');
  const before = words.length;
  for (const until = looks + 3; looks < until;) await once(looked, 'look');
  t.ok(words.length <= before + 1, 'no further one than that which was on its way');
  manager.stopping();
});

t.test('the watchdog of another process is not ours', async (t) => {
  for (const env of [{ WATCHDOG_PID: '1', WATCHDOG_USEC: '2000' }, { WATCHDOG_USEC: 'soon' }, {}]) {
    const { manager, words } = heard({ ...SOCKET, ...env });
    manager.watch(() => t.fail('nobody waits for it'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    t.same(words, []);
  }
});
