// What went wrong: the nonce hashed only the cursor before and the write's id. A write tried again on the same head a
// moment later carried another timestamp under the same cursor, and after a failover two stores could hold one each.
import t from 'tap';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import { StoreUnanswered, type Batch, type Store } from '../../../src/domain/store.ts';
import { Publisher } from '../../../src/services/compositors/publisher.ts';
import { replicaOn, world, writes } from '../../support/world.ts';

/** Each look is a second later. */
class FastClock implements Clock {
  readonly #real = new SystemClock();
  #ahead = 0;
  now = () => this.#real.now() + (this.#ahead += 1000);
  monotonic = () => this.#real.monotonic();
  soon = (run: () => void) => this.#real.soon(run);
  after = (ms: number, run: () => void) => this.#real.after(ms, run);
}

t.test('two tries of one write on one head have two cursors, when they differ', async (t) => {
  const { store, registry } = await world(t);
  await registry.register({ name: 'a' }, 'take');
  const batches: Batch[] = [];
  const commit: Store['commit'] = async (batch) => {
    batches.push(batch);
    if (batches.length === 1) throw new StoreUnanswered('nothing came through');
    return store.commit(batch);
  };
  const line = new Proxy(store, {
    get(target, name) {
      const value: unknown = name === 'commit' ? commit : Reflect.get(target, name, target);
      return typeof value === 'function' && name !== 'commit' ? (value.bind(target) as unknown) : value;
    },
  });
  const history = { commits: 100, seconds: 300, bytes: 1e6 };
  const clock = new FastClock();
  const replica = replicaOn(line, { clock, name: 'other', history });
  await replica.start();
  t.teardown(() => replica.stop());
  const { cursor } = await new Publisher({ replica, quotas: {} }).patch('a', writes({ '0,0': 'x' }));
  const [first, second] = batches.map((batch) => batch.commits[0]!);
  t.equal(first!.prev, second!.prev, 'on the same head');
  t.equal(first!.id, second!.id, 'the same write');
  t.not(first!.patch.tiles.get('0,0')!.timestamp, second!.patch.tiles.get('0,0')!.timestamp);
  t.not(first!.cursor, second!.cursor);
  t.equal(cursor, second!.cursor);
});
