import type { Backend } from '../backend.ts';
import { defaultBytes, type QuotaSettings } from '../domain/quota.ts';
import { LeaseExpirer } from '../services/compositors/lease-expirer.ts';
import { Publisher } from '../services/compositors/publisher.ts';
import { Registry } from '../services/compositors/registry.ts';
import { StaticCompositors } from '../services/compositors/static-compositors.ts';
import { Feed } from '../services/feed/feed.ts';
import { StreamViews } from '../services/feed/stream-views.ts';
import { ImageWriter } from '../services/manifest/image-writer.ts';
import { BrickFinder } from '../services/manifest/brick-finder.ts';
import { LongPolls } from '../services/manifest/long-polls.ts';
import { ManifestDocuments } from '../services/manifest/manifest-documents.ts';
import { ManifestQueries } from '../services/manifest/manifest-queries.ts';
import { QuotaWatch } from '../services/manifest/quota-watch.ts';
import { Replica } from '../services/manifest/replica.ts';
import { SharedSizeQuota } from '../services/manifest/shared-size-quota.ts';
import { TileFeed } from '../services/tile-socket/tile-feed.ts';
import type { Context } from './context.ts';

export type ManifestServices = Awaited<ReturnType<typeof startManifest>>;

/** Bytes of encoded tiles that are kept for those who read the map, at most: with their owners, and as many without. */
const MOST_TEXTS = 128 * 1024 * 1024;

/** Section 2: the manifest, who writes it and who reads it. */
export async function startManifest(context: Context, { store, peerBus }: Backend) {
  const { config, clock, log, memory, work, onClose } = context;
  const { settings } = config;
  const textBudget = Math.min(MOST_TEXTS, memory.limit / 16);
  const replica = new Replica({
    store,
    clock,
    name: settings.name,
    history: settings.history,
    refill: settings.refill,
    log,
    work,
    textBudget,
  });
  onClose(() => replica.stop());
  await replica.start();
  if (store.images) {
    const { images } = store;
    const writer = new ImageWriter({ copy: replica.copy, images, work, log });
    // After everything that commits has ended, and before the store does.
    onClose(() => writer.stop());
    writer.start();
  }

  const leases = new LeaseExpirer({ replica, store, clock, policy: settings.lease, log });
  const own = settings.quota.bytes ?? defaultBytes(memory.limit, settings.history.bytes);
  const size = new SharedSizeQuota({ own, peerBus, clock, log });
  onClose(() => size.stop());
  size.start();
  const quotas: QuotaSettings = {
    ...settings.quota,
    get bytes() {
      return size.bytes;
    },
  };
  const quotaWatch = new QuotaWatch({ copy: replica.copy, quotas, log });
  onClose(() => quotaWatch.stop());
  quotaWatch.start();
  const { ttl } = settings.lease;
  const registry = new Registry({ replica, leases, clock, ttl, daemon: settings.name, quotas });
  const staticCompositors = new StaticCompositors({
    copy: replica.copy,
    registry,
    clock,
    wanted: config.compositors,
    log,
  });
  onClose(() => staticCompositors.stop());
  await staticCompositors.start();
  onClose(() => leases.stop());
  leases.start();

  const feed = new Feed({ replica, clock, settings: settings.stream, log, self: peerBus.self });
  feed.start();
  const streamViews = new StreamViews({ feed, peerBus, clock });
  onClose(() => streamViews.stop());
  streamViews.start();
  const polls = new LongPolls({ copy: replica.copy, clock });
  polls.start();
  const tileFeed = new TileFeed({ copy: replica.copy, clock, peerBus, settings: settings.stream });
  tileFeed.start();
  const queries = new ManifestQueries({ replica, polls, clock, work });
  return {
    replica,
    leases,
    registry,
    staticCompositors,
    publisher: new Publisher({ replica, quotas }),
    quotaWatch,
    queries,
    documents: new ManifestDocuments({
      work,
      overview: replica.overview,
      now: () => queries.now(),
      texts: replica.copy.texts,
      textBudget,
    }),
    finder: new BrickFinder({ work, now: () => queries.now() }),
    feed,
    streamViews,
    tileFeed,
    /** Streams get their `bye`, and long polls their answer. */
    endReaders: () => {
      feed.stop('shutdown');
      polls.stop();
      tileFeed.stop();
    },
  };
}
