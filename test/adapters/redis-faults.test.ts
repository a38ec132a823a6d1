import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import { StoreUnanswered, StoreUnreachable, type Store } from '../../src/domain/store.ts';
import { Author } from '../contract/author.ts';
import { compositor, compositorPatch, mapText, stateOf, tilePatch } from '../contract/samples.ts';
import { startRedis } from '../support/redis-server.ts';
import { openRedis } from './redis-world.ts';

const LEASE = { id: 'wall', generation: 'one', ttl: 60 };
/** Milliseconds within which every call has answered or thrown, on a busy machine. */
const BOUND = 2000;

t.test(
  'a frozen Redis: every call throws in time, nothing piles up, and all is well when it thaws',
  async (t) => {
    const server = await startRedis(t);
    const author = await Author.join(await openRedis(t, server));
    await author.send(author.plan([tilePatch({ '0,0': 'a' })], { grants: [LEASE] }));
    const { store } = author;
    const late = author.plan([tilePatch({ '0,0': 'late' })]);
    server.freeze();
    t.teardown(() => server.thaw());
    await bounded(t, () => store.commit(late), StoreUnanswered);
    const calls: (() => Promise<unknown>)[] = [
      () => stateOf(store),
      () => store.head(),
      () => store.read(GENESIS),
      () => store.leases(),
      () => store.commit(late),
    ];
    // Several times each: as the connection is lost, as it is made again, and as that fails.
    for (let round = 0; round < 2; round++)
      await Promise.all(calls.map((call) => bounded(t, call, StoreUnreachable)));
    // Whether it is sent depends on where the connection stands by then.
    const renewal = await outcome(() => store.renew([LEASE]));
    t.ok(renewal.error instanceof StoreUnreachable || renewal.error instanceof StoreUnanswered);
    t.ok(renewal.took < BOUND);
    server.thaw();
    await back(store);
    await author.catchUp();
    t.ok(author.history.length <= 2, 'the late one at most once');
    await author.write(tilePatch({ '1,1': 'b' }));
    t.equal(mapText((await stateOf(store)).manifest), mapText(author.manifest.copy()));
  },
);

t.test('Redis killed and restarted with its append-only file: what was answered is there', async (t) => {
  const server = await startRedis(t, { args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const author = await Author.join(await openRedis(t, server));
  for (let round = 0; round < 3; round++) {
    await author.write(tilePatch({ [`${round},0`]: 'a' }), compositorPatch(compositor('wall')));
    const under = author.plan([tilePatch({ [`${round},1`]: 'b' })]);
    const answer = author.store.commit(under).then(
      ({ taken }) => (taken ? 'taken' : 'refused'),
      (error: unknown) => (error instanceof StoreUnanswered ? 'unknown' : 'unreachable'),
    );
    await server.stop('SIGKILL');
    const outcome = await answer;
    await bounded(t, () => author.store.head(), StoreUnreachable);
    await server.restart();
    await back(author.store);
    await author.catchUp();
    const there = author.history.last?.id === under.commits[0]!.id;
    t.ok(
      outcome === 'unknown' || there === (outcome === 'taken'),
      `${outcome}, ${there ? 'there' : 'not there'}`,
    );
    t.equal(mapText((await stateOf(author.store)).manifest), mapText(author.manifest.copy()));
  }
});

t.test('FLUSHALL under open stores is a hint for all, and one refill brings everything back', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  const other = await openRedis(t, server);
  await author.write(compositorPatch(compositor('wall')), tilePatch({ '0,0': 'a' }));
  const state = await stateOf(author.store);
  await stateOf(other);
  const hinted = new Promise<void>((resolve) => {
    other.follow(() => void other.head().then((head) => head === GENESIS && resolve()));
  });
  await server.client().flushall();
  await hinted;
  t.equal(await author.store.refill(state), true);
  t.equal(mapText((await stateOf(other)).manifest), mapText(state.manifest));
  t.same((await server.client().keys('*')).sort(), [
    '{test}:compositors',
    '{test}:format',
    '{test}:log',
    '{test}:tiles',
  ]);
});

t.test('SCRIPT FLUSH, and connections killed by an administrator, are not noticed', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  const redis = server.client();
  for (let round = 0; round < 10; round++) {
    await redis.script('FLUSH');
    await author.write(tilePatch({ '0,0': `a${round}` }));
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    // It may have been on its way when the connection went; then no client heard that it was done, and it was not.
    const patch = tilePatch({ '0,0': `b${round}` });
    const unanswered = await author.write(patch).then(
      () => false,
      (error: unknown) => error instanceof StoreUnanswered,
    );
    if (unanswered) await author.write(patch);
  }
  t.equal((await stateOf(author.store)).log.length, 20);
});

t.test('a replica says READONLY: not reached; once it is promoted, all goes on', async (t) => {
  const primary = await startRedis(t);
  const replica = await startRedis(t, { args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const author = await Author.join(await openRedis(t, primary));
  await author.send(author.plan([tilePatch({ '0,0': 'a' })], { grants: [LEASE] }));
  await author.store.commit(author.plan([]));
  const redis = primary.client();
  await redis.wait(1, 10_000);
  const store = await openRedis(t, replica);
  const reader = await Author.join(store);
  t.equal(reader.head, author.head, 'reading works there');
  t.equal((await store.leases()).leases.length, 1);
  await t.rejects(store.commit(reader.plan([tilePatch({ '0,0': 'b' })])), StoreUnreachable);
  await t.rejects(store.renew([LEASE]), StoreUnreachable);
  await replica.client().replicaof('NO', 'ONE');
  await reader.write(tilePatch({ '0,0': 'c' }));
  t.same(await store.renew([LEASE]), [true]);
  t.equal((await stateOf(store)).log.length, 2);
});

t.test('too few replicas: not reached, and nothing written', async (t) => {
  const server = await startRedis(t, { args: ['--min-replicas-to-write', '1'] });
  const author = await Author.join(await openRedis(t, server));
  await t.rejects(author.store.commit(author.plan([tilePatch({ '0,0': 'a' })])), StoreUnreachable);
  t.equal(await author.store.head(), GENESIS);
});

t.test('out of memory: a batch is refused whole, leases live on, and reading goes on', async (t) => {
  const server = await startRedis(t);
  const author = await Author.join(await openRedis(t, server));
  await author.send(author.plan([tilePatch({ '0,0': 'a' })], { grants: [LEASE] }));
  const redis = server.client();
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
  await redis.config('SET', 'maxmemory', String(used + 3_000_000));
  let taken = 0;
  for (let refused = 0; refused < 5;) {
    const tiles = Array.from({ length: 1500 }, (_, i) => [`${i},${taken}`, `brick-${i}`]);
    const batch = author.plan([tilePatch(Object.fromEntries(tiles) as Record<string, string>)]);
    try {
      t.match(await author.send(batch), { taken: true });
      taken += 1;
    } catch (error) {
      t.type(error, StoreUnreachable);
      t.match(error, { message: /OOM/ });
      refused += 1;
    }
    // Exactly what was answered is there, to the last field.
    t.equal(await author.store.head(), author.head);
    t.equal(await redis.hlen('{test}:tiles'), author.manifest.tileCount);
  }
  t.ok(taken > 0);
  t.same(await author.store.renew([LEASE]), [true]);
  t.equal((await author.store.leases()).leases.length, 1);
  t.equal(mapText((await stateOf(author.store)).manifest), mapText(author.manifest.copy()));
  await t.rejects(
    author.store.refill(await stateOf(author.store)).then((f) => t.notOk(f)),
    StoreUnreachable,
  );
  await redis.config('SET', 'maxmemory', '0');
  await author.write(tilePatch({ '0,0': 'z' }));
});

t.test('a disk that cannot be written to (MISCONF): not reached, until it can', async (t) => {
  const dir = t.testdir({ 'in-the-way.rdb': { file: '' } });
  const server = await startRedis(t, {
    dir,
    args: ['--save', '3600', '100000', '--enable-protected-configs', 'yes'],
  });
  const author = await Author.join(await openRedis(t, server));
  await author.write(tilePatch({ '0,0': 'a' }));
  const redis = server.client();
  await redis.config('SET', 'dbfilename', 'in-the-way.rdb');
  await redis.bgsave();
  while (!(await redis.info('persistence')).includes('rdb_last_bgsave_status:err')) await setTimeout(20);
  const batch = author.plan([tilePatch({ '0,0': 'b' })]);
  await t.rejects(author.store.commit(batch), { name: 'StoreUnreachable', message: /MISCONF/ });
  t.equal(await author.store.head(), author.head);
  await redis.config('SET', 'dbfilename', 'dump.rdb');
  await redis.bgsave();
  while (!(await redis.info('persistence')).includes('rdb_last_bgsave_status:ok')) await setTimeout(20);
  t.match(await author.send(batch), { taken: true });
});

/** Throws with `error`, and in time. */
async function bounded(
  t: Pick<Test, 'ok' | 'type'>,
  call: () => Promise<unknown>,
  error: new (message: string) => Error,
): Promise<void> {
  const { error: thrown, took } = await outcome(call);
  t.type(thrown, error);
  t.ok(took < BOUND, `took ${took} ms`);
}

async function outcome(call: () => Promise<unknown>): Promise<{ error: unknown; took: number }> {
  const begun = performance.now();
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, took: performance.now() - begun };
}

/** Resolves when the store answers again. */
async function back(store: Store): Promise<void> {
  for (;;) {
    const answer = await store.head().catch(() => undefined);
    if (answer !== undefined) return;
    await setTimeout(20);
  }
}
