import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { LongWork } from '../../src/concurrency/long-work.ts';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { HistoryPolicy } from '../../src/domain/history.ts';
import type { Store } from '../../src/domain/store.ts';
import type { TileWrite } from '../../src/domain/publishing.ts';
import { Feed } from '../../src/services/feed/feed.ts';
import type { FeedSettings } from '../../src/services/feed/limits.ts';
import { LeaseExpirer } from '../../src/services/compositors/lease-expirer.ts';
import { LongPolls } from '../../src/services/manifest/long-polls.ts';
import { ManifestQueries } from '../../src/services/manifest/manifest-queries.ts';
import { Publisher } from '../../src/services/compositors/publisher.ts';
import { Registry } from '../../src/services/compositors/registry.ts';
import { Replica, type ReplicaOptions } from '../../src/services/manifest/replica.ts';

const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object) => console.error(fields),
};

const silent = { ...quiet, error: () => undefined };

/** Another replica of the manifest in `store`; what fails there is for the test to find. */
export function replicaOn(
  store: Store,
  options: { clock: Clock; name: string; history: HistoryPolicy } & Partial<ReplicaOptions>,
): Replica {
  const work = new LongWork(options.clock);
  return new Replica({ store, refill: 'auto', log: silent, work, ...options });
}

/** The services on a real embedded store in a folder of their own, without HTTP. */
export async function world(
  t: Test,
  options: { history?: Partial<HistoryPolicy>; stream?: Partial<FeedSettings> } = {},
) {
  const path = await mkdtemp(join(tmpdir(), 'compositord-world-'));
  const clock = new SystemClock();
  const store = await EmbeddedStore.open({ path, clock });
  const history = { commits: 10_000, seconds: 300, bytes: 64 * 2 ** 20, ...options.history };
  const work = new LongWork(clock);
  const replica = replicaOn(store, { clock, work, name: 'test', history, log: quiet });
  const policy = { retention: 60, guard: 600 };
  const leases = new LeaseExpirer({ replica, store, clock, policy, log: quiet });
  const registry = new Registry({ replica, leases, clock, ttl: 3600, daemon: 'test', quotas: {} });
  const publisher = new Publisher({ replica, quotas: {} });
  const settings = {
    heartbeat: 15,
    maxAge: 1800,
    retry: 2,
    buffer: 2 ** 20,
    maxReaders: 15_000,
    ...options.stream,
  };
  const feed = new Feed({ replica, clock, settings, log: quiet, self: 'test' });
  const polls = new LongPolls({ copy: replica.copy, clock });
  const queries = new ManifestQueries({ replica, polls, clock, work });
  await replica.start();
  feed.start();
  polls.start();
  t.teardown(async () => {
    feed.stop('shutdown');
    polls.stop();
    await leases.stop();
    await replica.stop();
    await store.close();
    await rm(path, { recursive: true });
  });
  return { store, replica, registry, publisher, feed, queries, leases, clock, settings };
}

/** Tiles `{key: brick}` as writes; null removes. */
export function writes(
  tiles: Record<string, string | null>,
  timestamp?: number,
): Map<string, TileWrite | null> {
  return new Map(
    Object.entries(tiles).map(([key, brick]) => [
      key,
      brick === null ? null : { brick, ...(timestamp !== undefined && { timestamp }) },
    ]),
  );
}
