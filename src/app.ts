import { createRequire } from 'node:module';
import type { Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { HeapGuard } from './adapters/heap-guard.ts';
import { SystemClock } from './adapters/system-clock.ts';
import { startConnectors, type ConnectorServices } from './app/connectors.ts';
import type { Context, Overrides, Stores } from './app/context.ts';
import { makeMapFolder } from './app/geometry-os.ts';
import { createHttp } from './app/http.ts';
import { openTelemetry } from './app/telemetry.ts';
import { startManifest, type ManifestServices } from './app/manifest.ts';
import { startTileFile } from './app/tile-file.ts';
import { openBackend } from './backend.ts';
import { LongWork } from './concurrency/long-work.ts';
import { watchStalls } from './concurrency/stall-watch.ts';
import type { Config } from './config/config.ts';
import { shareOfWorker } from './config/share-of-worker.ts';
import { settingsForRestart } from './config/settings.ts';
import type { PeerBus } from './domain/peer-bus.ts';
import { ReloadCounts } from './domain/reload-counts.ts';
import type { Store } from './domain/store.ts';
import { createLogger } from './logger.ts';
import { WarmUp } from './plugins/warm-up.ts';
import type { Tokens } from './services/access/tokens.ts';
import type { TileFile } from './services/tile-file/tile-file.ts';
import { measuredStore, StoreCalls } from './services/manifest/measured-store.ts';
import { StoreSize } from './services/manifest/store-size.ts';

export type { Overrides } from './app/context.ts';

/** A daemon that has loaded its manifest, or waits for a store that is away, and answers once it listens. */
export interface App extends ManifestServices, ConnectorServices {
  readonly server: FastifyInstance;
  readonly store: Store;
  readonly peerBus: PeerBus;
  readonly tokens: Tokens;
  /** The file that is kept equal to the map, if one is. */
  readonly tileFile: TileFile | undefined;
  readonly reloads: ReloadCounts;
  /** Resolves to the address, with the base path. */
  listen(): Promise<string>;
  /** Makes, while there is time, what the first requests would have to wait for. */
  warmUp(): void;
  /** Applies those settings of another configuration that need no restart, and warns about the others. */
  reload(config: Config): Promise<void>;
  /** Ends in order, within `shutdown.grace`. May be called twice. */
  close(): Promise<void>;
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** The part of the grace period that closing may take; the process needs the rest to end. */
const GRACE_FOR_CLOSING = 0.95;

/** Builds the daemon, section by section. When a section fails, those before it are closed again. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const { settings } = config;
  const { worker } = overrides;
  const clock = overrides.clock ?? new SystemClock();
  const telemetry = await openTelemetry(settings, { clock, version });
  const { tracer, provideMetrics } = telemetry;
  const log = createLogger(settings.log, {
    override: overrides.log,
    fields: worker && { worker: worker.number },
    mixin: telemetry.lineFields,
  });
  const warn = ({ warnings = [] }: Config) => {
    if (warnings.length > 0) log.warn({ warnings }, 'the configuration is allowed, and hardly meant');
  };
  // Of several workers one says it.
  if (!worker || worker.number === 1) warn(config);
  // Closed last.
  const closers: (() => Promise<void> | void)[] = [() => telemetry.close()];
  const context: Context = {
    config: worker ? { ...config, settings: shareOfWorker(settings, worker.count) } : config,
    overrides,
    clock,
    log,
    memory: new HeapGuard(overrides.nodeOptions),
    version,
    warmUp: new WarmUp(),
    work: new LongWork(clock),
    reloads: new ReloadCounts(),
    tracer,
    provideMetrics,
    onClose: (close) => void closers.push(close),
  };
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      try {
        await close();
      } catch (error) {
        log.error({ err: error }, 'cannot close in order');
      }
  };
  context.onClose(watchStalls(clock, (ms) => log.warn({ ms }, 'this process stood still, and goes on')));
  try {
    const stores = await openStores(context);
    const manifest = await startManifest(context, stores);
    await makeMapFolder(settings);
    const tileFile = startTileFile(context, stores, manifest);
    const listeners: Server[] = [];
    const connectors = startConnectors(context, stores, manifest, listeners);
    const http = await createHttp(context, stores, { ...manifest, tileFile }, connectors, listeners);
    let closing: Promise<void> | undefined;
    return {
      ...manifest,
      ...connectors,
      ...http,
      tileFile,
      store: stores.store,
      peerBus: stores.peerBus,
      reloads: context.reloads,
      warmUp: () => context.onClose(context.warmUp.start(context.clock)),
      reload: async (next) => {
        const waiting = settingsForRestart(settings, next.settings);
        if (waiting.length > 0) log.warn({ settings: waiting }, 'changed settings wait for a restart');
        // The server's log is a child of ours, with a level of its own.
        for (const each of [log, http.server.log]) each.level = next.settings.log.level;
        // First: a revoked token must not stay valid while the store is away.
        http.replaceAccess(next.settings);
        connectors.bearers.replace(next.bearers);
        await manifest.staticCompositors.replace(next.compositors);
        log.info(
          { compositors: next.compositors.length, logLevel: log.level },
          'the configuration was reloaded',
        );
        warn(next);
      },
      close: () => {
        if (!closing) log.info({}, 'the daemon stops, and sends its readers away');
        return (closing ??= within(settings.shutdown.grace * 1000 * GRACE_FOR_CLOSING, closeAll(), log));
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Section 1: the store, the claims on connectors, and the peer bus. */
async function openStores({
  config,
  overrides,
  clock,
  log,
  memory,
  tracer,
  onClose,
}: Context): Promise<Stores> {
  const backend = await openBackend(config.settings, clock, log, memory);
  onClose(() => backend.store.close());
  onClose(() => backend.claims.close());
  onClose(() => backend.peerBus.close());
  onClose(() => backend.nodes.close());
  const { store = backend.store } = overrides;
  if (store !== backend.store) onClose(() => store.close());
  const size = new StoreSize({ measure: backend.storeBytes, clock });
  onClose(() => size.stop());
  size.start();
  const calls = new StoreCalls();
  return { ...backend, store: measuredStore(store, { clock, calls, tracer }), calls, size };
}

async function within(ms: number, work: Promise<void>, log: Logger): Promise<void> {
  const ended = new AbortController();
  const late = setTimeout(ms, undefined, { signal: ended.signal }).then(
    () => log.error({ ms }, 'not everything was closed within the grace'),
    () => undefined,
  );
  await Promise.race([work, late]);
  ended.abort();
}
