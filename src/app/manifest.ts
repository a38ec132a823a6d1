import type { Backend } from '../backend.ts';
import type { Cursor } from '../domain/cursor.ts';
import { defaultBytes, type QuotaSettings } from '../domain/quota.ts';
import { relayTypes } from '../domain/relay-types.ts';
import { LeaseExpirer } from '../services/compositors/lease-expirer.ts';
import { Backups } from '../services/archive/backups.ts';
import { Publisher } from '../services/compositors/publisher.ts';
import { Regions } from '../services/compositors/regions.ts';
import { Registry } from '../services/compositors/registry.ts';
import { StaticCompositors } from '../services/compositors/static-compositors.ts';
import { Feed } from '../services/feed/feed.ts';
import { StreamViews } from '../services/feed/stream-views.ts';
import { ImageWriter } from '../services/manifest/image-writer.ts';
import { BrickFinder } from '../services/manifest/brick-finder.ts';
import { HeavyReads } from '../services/manifest/heavy-reads.ts';
import { LongPolls } from '../services/manifest/long-polls.ts';
import { ManifestDocuments } from '../services/manifest/manifest-documents.ts';
import { ManifestQueries } from '../services/manifest/manifest-queries.ts';
import { OverviewDocuments } from '../services/manifest/overview-document.ts';
import { PastOverviews } from '../services/manifest/past-overviews.ts';
import { QuotaWatch } from '../services/manifest/quota-watch.ts';
import { Replica } from '../services/manifest/replica.ts';
import { SharedSizeQuota } from '../services/manifest/shared-size-quota.ts';
import { StoreWatch } from '../services/manifest/store-watch.ts';
import { TileCounts } from '../services/manifest/tile-counts.ts';
import { Relay } from '../services/relay/relay.ts';
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
    tracer: context.tracer,
  });
  const { connectivity } = replica;
  const storeWatch = new StoreWatch({ connectivity, store, clock, log });
  onClose(() => storeWatch.stop());
  storeWatch.start();
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

  const feed = new Feed({
    replica,
    clock,
    settings: settings.stream,
    log,
    self: peerBus.self,
    tracer: context.tracer,
  });
  feed.start();
  const streamViews = new StreamViews({ feed, peerBus, clock });
  onClose(() => streamViews.stop());
  streamViews.start();
  const polls = new LongPolls({ copy: replica.copy, clock });
  polls.start();
  const relay = new Relay({ peerBus, clock, types: relayTypes(settings.relay.types), log });
  onClose(() => relay.stop());
  relay.start();
  const tileFeed = new TileFeed({ copy: replica.copy, clock, relay, settings: settings.stream });
  tileFeed.start();
  const queries = new ManifestQueries({ replica, polls, clock, work });
  const now = () => queries.now();
  const heavyReads = new HeavyReads();
  const { overview } = replica;
  const at = (cursor: Cursor) => queries.at(cursor);
  return {
    replica,
    leases,
    registry,
    staticCompositors,
    publisher: new Publisher({ replica, quotas }),
    regions: new Regions({ replica, leases, clock, quotas }),
    quotas,
    quotaWatch,
    queries,
    documents: new ManifestDocuments({
      work,
      overviews: new OverviewDocuments({ copy: replica.copy, overview, work, now }),
      pastOverviews: new PastOverviews({ overview, work, reads: heavyReads, at }),
      now,
      texts: replica.copy.texts,
      textBudget,
    }),
    finder: new BrickFinder({ work, reads: heavyReads }),
    heavyReads,
    counts: new TileCounts({ work, reads: heavyReads }),
    backups: new Backups({ copy: replica.copy, store, clock, work, version: context.version }),
    feed,
    streamViews,
    relay,
    tileFeed,
    /** Streams get their `bye`, and long polls their answer. */
    endReaders: () => {
      feed.stop('shutdown');
      polls.stop();
      tileFeed.stop();
    },
  };
}
