// What went wrong: a replica that loaded a store whose newest commit is a withdrawal held no commit at all, for it cannot undo that one.
// When the store was emptied then, it put back a manifest without a log, found the store as empty as before, and did so again for ever.
import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { Publisher } from '../../../src/services/compositors/publisher.ts';
import { Replica } from '../../../src/services/manifest/replica.ts';
import { embeddedWorld } from '../../adapters/embedded-world.ts';
import { PlainAuthor } from '../../contract/plain-author.ts';
import { compositor, compositorPatch, mapText, stateOf, tilesOf } from '../../contract/samples.ts';
import { worldFor } from '../../contract/store-world.ts';
import { writes } from '../../support/world.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

t.test('a store that is emptied after a withdrawal is filled again by who loaded it there', async (t) => {
  const world = await worldFor(t, embeddedWorld);
  const author = await PlainAuthor.join(await world.open());
  await author.write(compositorPatch(compositor('giant'), compositor('wall')), tilesOf('wall', 'w', 10));
  await author.write(tilesOf('giant', 'g', 100, 50), 'giant');
  const clock = new SystemClock();
  const work = new LongWork(clock);
  const history = { commits: 100, seconds: 60, bytes: 1e6 };
  const store = await world.open();
  const replica = new Replica({ store, clock, name: 'late', history, refill: 'auto', log: quiet, work });
  await replica.start();
  t.teardown(() => replica.stop());
  const { head, headAt } = replica.copy;
  t.equal(headAt, author.log.at(-1)!.committedAt);

  await world.wipe();
  await replica.catchUp();
  t.equal(await store.head(), head);
  t.equal(mapText((await stateOf(await world.open())).manifest), mapText(author.manifest));
  await new Publisher({ replica, quotas: {} }).patch('wall', writes({ '0,0': 'on it goes' }));
  t.equal((await stateOf(store)).manifest.tiles.get('0,0')?.brick, 'on it goes');
});
