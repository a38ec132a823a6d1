// What went wrong: a daemon that had not reached its store yet took a reader of the empty history, `0-00000000`, for one
// at its own head. It told it that the map is empty, and after the load sent it only what came later.
import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { GENESIS } from '../../../src/domain/cursor.ts';
import type { DomainError } from '../../../src/domain/errors.ts';
import { StoreUnreachable, type Store } from '../../../src/domain/store.ts';
import { WHOLE } from '../../../src/domain/view.ts';
import { Feed } from '../../../src/services/feed/feed.ts';
import { LongPolls } from '../../../src/services/manifest/long-polls.ts';
import { ManifestQueries } from '../../../src/services/manifest/manifest-queries.ts';
import { TestSink } from '../../support/test-sink.ts';
import { replicaOn, world } from '../../support/world.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const history = { commits: 100, seconds: 300, bytes: 1e6 };

t.test('before the first load nothing is said of the map', async (t) => {
  const { store, settings } = await world(t);
  const away: Pick<Store, 'load'> = {
    load: async () => {
      throw new StoreUnreachable('away');
    },
  };
  const line = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(name === 'load' ? away : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const clock = new SystemClock();
  const work = new LongWork(clock);
  const replica = replicaOn(line, { clock, name: 'other', history });
  await replica.start();
  const feed = new Feed({ replica, clock, settings, log: quiet, self: 'test' });
  feed.start();
  t.teardown(() => {
    feed.stop('shutdown');
    return replica.stop();
  });
  for (const since of [undefined, GENESIS, `${GENESIS}~`, 'garbage']) {
    const sink = new TestSink(WHOLE);
    sink.connect(feed, since);
    await sink.until((copy) => copy.bye !== undefined, 'a bye');
    t.equal(sink.copy.bye, 'store-unavailable');
    t.equal(sink.copy.counts.events, 2, `nothing but opened and the bye after ${since ?? 'nothing'}`);
  }
  const queries = new ManifestQueries({
    work,
    replica,
    polls: new LongPolls({ copy: replica.copy, clock }),
    clock,
  });
  const questions = [
    queries.at(GENESIS),
    queries.changes({ since: GENESIS, view: WHOLE, signal: new AbortController().signal }),
    queries.history({ limit: 10 }),
    queries.cursorOf(0),
  ];
  for (const question of questions) {
    const kind = await question.then(
      () => 'answered',
      (error: unknown) => (error as DomainError).kind,
    );
    t.equal(kind, 'store-unavailable');
  }
});
