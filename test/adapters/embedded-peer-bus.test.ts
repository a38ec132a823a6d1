import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { GENESIS } from '../../src/domain/cursor.ts';
import { openBackend } from '../../src/backend.ts';
import { ended, forkChild, linesOf } from './child.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';

async function open(t: Test, path: string, clock: Clock = new SystemClock()) {
  const backend = await openBackend({ store: `file:${path}`, namespace: '' }, clock, loud);
  const alive = setInterval(() => undefined, 2 ** 30);
  t.teardown(async () => {
    clearInterval(alive);
    await closeBackend(backend);
  });
  return backend;
}

async function startChild(t: Test, path: string) {
  const child = forkChild(t, 'peer-bus-child.ts', path);
  for await (const name of linesOf(child)) return { child, name };
  throw new Error('the child did not come up');
}

const patience = () => AbortSignal.timeout(20_000);

t.test('two processes on one folder exchange messages and see the same claims', async (t) => {
  const path = t.testdir();
  const { peerBus, claims } = await open(t, path);
  const { child, name } = await startChild(t, path);
  t.strictSame(await peerBus.request(name, 'echo', [1], patience()), { pid: child.pid, message: [1] });
  const heard = new Promise((resolve) => peerBus.subscribe('heard', resolve));
  peerBus.publish('topic', 'x');
  t.strictSame(await heard, { pid: child.pid, message: 'x' });
  t.equal((await claims.claim(peerBus.self, ['child-claim'], 60_000)).get('child-claim')?.holder, name);
});

// A commit of another process was seen up to half a second late, at the next look for one.
t.test('a commit of another process is heard of at once, by its hint', async (t) => {
  const path = t.testdir();
  const real = new SystemClock();
  const clock: Clock = {
    now: () => real.now(),
    monotonic: () => real.monotonic(),
    soon: (run) => real.soon(run),
    // No look is ever due.
    after: () => () => undefined,
  };
  const { store } = await open(t, path, clock);
  const hint = new Promise<void>((resolve) => store.follow(resolve));
  const child = forkChild(t, 'committing-child.ts', path, 'child', '300');
  await hint;
  t.not(await store.head(), GENESIS);
  child.kill('SIGKILL');
  await ended(child);
});

t.test('a killed process: requests to it end at once, and then there is no such replica', async (t) => {
  const path = t.testdir();
  const { peerBus } = await open(t, path);
  const { child, name } = await startChild(t, path);
  const begun = new Promise((resolve) => peerBus.subscribe('begun', resolve));
  const asked = t.rejects(peerBus.request(name, 'slow', null, patience()), {
    name: 'PeerRequestError',
    why: 'unanswered',
  });
  await begun;
  child.kill('SIGKILL');
  await ended(child);
  await asked;
  await t.rejects(peerBus.request(name, 'echo', null, patience()), {
    name: 'PeerRequestError',
    why: 'undelivered',
  });

  const sockets = () => readdir(join(path, 'post'));
  t.same((await sockets()).sort(), [`${name}.sock`, `${peerBus.self}.sock`].sort(), 'it left its socket');
  await utimes(join(path, 'post', `${name}.sock`), 1, 1);
  await t.rejects(peerBus.request(name, 'echo', null, patience()), {
    name: 'PeerRequestError',
    why: 'undelivered',
  });
  t.same(await sockets(), [`${peerBus.self}.sock`], 'one that is not just born is removed');
});

t.test('a folder that cannot hold sockets: each replica reaches only itself', async (t) => {
  const path = t.testdir({ post: 'a file in the way' });
  const { peerBus } = await open(t, path);
  peerBus.handle('echo', async (message) => message);
  t.equal(await peerBus.request(peerBus.self, 'echo', 1, patience()), 1);
  peerBus.publish('topic', 'x');
  await t.rejects(peerBus.request('0123456789ab', 'echo', 1, patience()), { name: 'PeerRequestError' });
});
