// What went wrong: the history was trimmed only by writing, so that a replica which only followed kept every commit.
import t from 'tap';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { replicaOn, world, writes } from '../../support/world.ts';

t.test('a replica that only follows keeps no more history than it should', async (t) => {
  const { store, registry, publisher, replica } = await world(t);
  const history = { commits: 3, seconds: 0, bytes: 1e6 };
  const clock = new SystemClock();
  const follower = replicaOn(store, { clock, name: 'follower', history });
  await follower.start();
  t.teardown(() => follower.stop());
  await registry.register({ name: 'a' }, 'take');
  for (let i = 0; i < 40; i++) await publisher.patch('a', writes({ '0,0': `brick-${i}` }));
  await follower.catchUp();
  t.equal(follower.copy.head, replica.copy.head);
  // Those made in this very millisecond are not old yet.
  await publisher.patch('a', writes({ '0,0': 'last' }));
  await follower.catchUp();
  t.ok(follower.copy.history.length < 40, `${follower.copy.history.length} commits`);
});
