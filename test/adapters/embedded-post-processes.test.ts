import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openCompany } from '../../src/adapters/embedded/open-embedded.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { ended, forkChild, linesOf } from './child.ts';
import { loud } from '../support/loud.ts';

async function open(t: Test, path: string) {
  const company = await openCompany({ path, clock: new SystemClock(), log: loud });
  const alive = setInterval(() => undefined, 2 ** 30);
  t.teardown(async () => {
    clearInterval(alive);
    await company.post.close();
    await company.claims.close();
  });
  return company;
}

async function startChild(t: Test, path: string) {
  const child = forkChild(t, 'posting-child.ts', path);
  for await (const name of linesOf(child)) return { child, name };
  throw new Error('the child did not come up');
}

const patience = () => AbortSignal.timeout(20_000);

t.test('two processes on one folder ask and tell each other, and see who holds what', async (t) => {
  const path = t.testdir();
  const { post, claims } = await open(t, path);
  const { child, name } = await startChild(t, path);
  t.strictSame(await post.ask(name, 'echo', [1], patience()), { pid: child.pid, message: [1] });
  const heard = new Promise((resolve) => post.listen('heard', resolve));
  post.broadcast('news', 'x');
  t.strictSame(await heard, { pid: child.pid, message: 'x' });
  t.equal((await claims.claim(post.self, ['child-claim'], 60_000)).get('child-claim')?.holder, name);
});

t.test('a killed process: what it was asked ends at once, and then nobody is there', async (t) => {
  const path = t.testdir();
  const { post } = await open(t, path);
  const { child, name } = await startChild(t, path);
  const begun = new Promise((resolve) => post.listen('begun', resolve));
  const asked = t.rejects(post.ask(name, 'slow', null, patience()), {
    name: 'PostUndelivered',
    why: 'unanswered',
  });
  await begun;
  child.kill('SIGKILL');
  await ended(child);
  await asked;
  await t.rejects(post.ask(name, 'echo', null, patience()), { name: 'PostUndelivered', why: 'nobody' });

  const sockets = () => readdir(join(path, 'post'));
  t.same((await sockets()).sort(), [`${name}.sock`, `${post.self}.sock`].sort(), 'it left its socket');
  await utimes(join(path, 'post', `${name}.sock`), 1, 1);
  await t.rejects(post.ask(name, 'echo', null, patience()), { name: 'PostUndelivered', why: 'nobody' });
  t.same(await sockets(), [`${post.self}.sock`], 'one that is not just born is removed');
});

t.test('a folder that cannot hold sockets: each hears only itself', async (t) => {
  const path = t.testdir({ post: 'a file in the way' });
  const { post } = await open(t, path);
  post.handle('echo', async (message) => message);
  t.equal(await post.ask(post.self, 'echo', 1, patience()), 1);
  post.broadcast('news', 'x');
  await t.rejects(post.ask('0123456789ab', 'echo', 1, patience()), { name: 'PostUndelivered' });
});
