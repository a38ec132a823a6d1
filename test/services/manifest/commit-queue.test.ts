import t, { type Test } from 'tap';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import type { DomainError } from '../../../src/domain/errors.ts';
import { StoreUnanswered, type Batch, type Store } from '../../../src/domain/store.ts';
import { Publisher } from '../../../src/services/compositors/publisher.ts';
import { replicaOn, world, writes } from '../../support/world.ts';

const history = { commits: 1000, seconds: 300, bytes: 2 ** 26 };

/** The real store behind a line that fails as `fault` says, once for each commit. */
function over(store: Store, fault: (send: () => Promise<unknown>, batch: Batch) => Promise<void>): Store {
  const commit: Store['commit'] = async (batch) => {
    let sent: ReturnType<Store['commit']> | undefined;
    await fault(() => (sent = store.commit(batch)), batch);
    return sent ?? store.commit(batch);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function second(t: Test, store: Store) {
  const clock = new SystemClock();
  const replica = replicaOn(store, { clock, name: 'second', history });
  await replica.start();
  t.teardown(() => replica.stop());
  return { replica, publisher: new Publisher({ replica, quotas: {} }) };
}

t.test(
  'FAILURES 6: the reply is lost and the write was done: one commit, and the caller gets it',
  async (t) => {
    const { store, registry, replica } = await world(t);
    await registry.register({ name: 'a' }, 'take');
    let lost = 0;
    const line = over(store, async (send) => {
      if (lost++ > 0) return;
      await send();
      throw new StoreUnanswered('the reply was lost');
    });
    const other = await second(t, line);
    const { cursor, changed } = await other.publisher.patch('a', writes({ '0,0': 'x' }));
    t.equal(changed, 1);
    await replica.catchUp();
    t.equal(replica.copy.head, cursor);
    t.equal(cursor.split('-')[0], '2', 'one commit');
  },
);

t.test('the request is lost: it is tried again and done once', async (t) => {
  const { store, registry, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  let lost = 0;
  const line = over(store, async () => {
    if (lost++ === 0) throw new StoreUnanswered('the request was lost');
  });
  const other = await second(t, line);
  const { cursor } = await other.publisher.patch('a', writes({ '0,0': 'x' }));
  await replica.catchUp();
  t.equal(replica.copy.head, cursor);
  t.equal(lost, 2);
});

t.test('the store never answers: outcome-unknown, and not for ever waiting', async (t) => {
  const { store, registry } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  const other = await second(
    t,
    over(store, async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      throw new StoreUnanswered('frozen');
    }),
  );
  const started = Date.now();
  const [outcome] = await Promise.allSettled([other.publisher.patch('a', writes({ '0,0': 'x' }))]);
  t.match(outcome, { status: 'rejected', reason: { kind: 'outcome-unknown' } });
  t.ok(Date.now() - started < 30_000);
});

t.test('two replicas write at once: the loser plans again on what it missed', async (t) => {
  const { store, registry, publisher, replica } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  const other = await second(t, store);
  const all = [];
  for (let i = 0; i < 50; i++) {
    all.push(publisher.patch('a', writes({ [`${i},0`]: 'x' })));
    all.push(other.publisher.patch('a', writes({ [`${i},1`]: 'y' })));
    if (i % 7 === 0) await Promise.all(all);
  }
  const cursors = (await Promise.all(all)).map(({ cursor }) => cursor);
  await Promise.all([replica.catchUp(), other.replica.catchUp()]);
  t.equal(new Set(cursors).size, 100, 'a commit each');
  t.equal(other.replica.copy.head, replica.copy.head);
  t.equal(replica.copy.manifest.tileCount, 100);
  t.strictSame(other.replica.copy.manifest.copy(), replica.copy.manifest.copy());
});

t.test(
  'a refusal is decided on the head: what another replica has just done is never contradicted',
  async (t) => {
    const { store, registry } = await world(t);
    const other = await second(t, store);
    await registry.register({ name: 'a' }, 'take');
    // The second replica has not heard of `a` yet; a 404 would contradict the 201 that was answered.
    const { changed } = await other.publisher.patch('a', writes({ '0,0': 'x' }));
    t.equal(changed, 1);
  },
);

t.test(
  'a write that changes nothing commits nothing, and a refused one leaves its neighbours alone',
  async (t) => {
    const { registry, publisher, replica } = await world(t);
    await registry.register({ name: 'a' }, 'take');
    const before = replica.copy.head;
    const [refused, done, again] = await Promise.allSettled([
      publisher.patch('nobody', writes({ '0,0': 'x' })),
      publisher.patch('a', writes({ '0,0': 'x' })),
      publisher.patch('a', writes({ '0,0': 'x' })),
    ]);
    t.match(refused, { status: 'rejected', reason: { kind: 'not-found' } as Partial<DomainError> });
    t.match(done, { status: 'fulfilled', value: { changed: 1 } });
    t.match(again, { status: 'fulfilled', value: { changed: 0, cursor: replica.copy.head } });
    t.not(replica.copy.head, before);
  },
);
