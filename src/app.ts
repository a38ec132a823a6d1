import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import { Guard } from './adapters/connectors/guard.ts';
import { HttpForwarder } from './adapters/connectors/http-forwarder.ts';
import { connectorMaker } from './adapters/connectors/make-connector.ts';
import { Resolver, type ResolveName } from './adapters/connectors/resolver.ts';
import { SystemClock } from './adapters/system-clock.ts';
import { WebFiles } from './adapters/web-files.ts';
import { openBackend } from './backend.ts';
import type { Config, Settings } from './config/config.ts';
import { settingsForRestart } from './config/settings-for-restart.ts';
import { AddressPolicy, defaultAddressRules } from './domain/address-policy.ts';
import type { Clock } from './domain/clock.ts';
import type { MakeConnector } from './domain/connector.ts';
import { DomainError } from './domain/errors.ts';
import { isLoopback } from './domain/loopback.ts';
import type { PeerBus } from './domain/peer-bus.ts';
import type { Store } from './domain/store.ts';
import { createLogger } from './logger.ts';
import { createHttpServer } from './plugins/http-server.ts';
import { InFlight } from './plugins/in-flight.ts';
import { problemOf } from './plugins/problem.ts';
import { peerBodies } from './routes/peer-bodies.ts';
import { Metrics } from './plugins/metrics/metrics.ts';
import { SocketListener } from './plugins/socket-listener.ts';
import { WebSockets } from './plugins/web-sockets.ts';
import { addRoutes } from './routes/routes.ts';
import type { Services } from './routes/services.ts';
import { StaticCompositors } from './services/compositors/static-compositors.ts';
import { Commands } from './services/commands/commands.ts';
import { Feed } from './services/feed/feed.ts';
import { LeaseExpirer } from './services/compositors/lease-expirer.ts';
import { LongPolls } from './services/manifest/long-polls.ts';
import { ManifestDocuments } from './services/manifest/manifest-documents.ts';
import { ManifestQueries } from './services/manifest/manifest-queries.ts';
import { PeerRequests } from './services/connectors/peer-requests.ts';
import { Proxy } from './services/proxy/proxy.ts';
import { Publisher } from './services/compositors/publisher.ts';
import { Registry } from './services/compositors/registry.ts';
import { Replica } from './services/manifest/replica.ts';
import { Supervisor } from './services/connectors/supervisor.ts';
import { Counter } from './domain/counter.ts';
import { Tokens, type Access } from './services/access/tokens.ts';
import { TileFeed } from './services/tile-socket/tile-feed.ts';

export interface Overrides {
  clock?: Clock;
  /** Taken over: it is closed with the app. */
  store?: Store;
  log?: LoggerOptions | DestinationStream;
  /** Instead of the real connectors. */
  make?: MakeConnector;
  /** Instead of the system's resolver. */
  resolve?: ResolveName;
  /** Called before the routes are added, for hooks that shall see them all. */
  register?: (server: FastifyInstance) => void;
}

/** A daemon that has loaded its manifest, or waits for a store that is away, and answers once it listens. */
export interface App extends Omit<Services, 'about'> {
  readonly post: PeerBus;
  /** What compositors did over their connectors that is not as it should be: how often what. */
  readonly oddities: Counter;
  readonly server: FastifyInstance;
  readonly store: Store;
  /** Resolves to the address, with the base path. */
  listen(): Promise<string>;
  /** Takes over what a running daemon can of another configuration; of the rest it warns. */
  reload(config: Config): Promise<void>;
  /** Ends well, within `shutdown.grace`. May be called twice. */
  close(): Promise<void>;
}

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Of the grace: what requests and streams have, and what is left for the rest and for the process to end. */
const FOR_REQUESTS = 0.7;
const FOR_ALL = 0.95;

/** Builds the daemon; what was opened is closed again when something fails. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const { settings } = config;
  const clock = overrides.clock ?? new SystemClock();
  const log = createLogger(settings.log.level, overrides.log);
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      await close().catch((error: unknown) => log.error({ err: error }, 'cannot close in order'));
  };
  try {
    const backend = await openBackend(settings, clock, log);
    closers.push(() => backend.store.close());
    const { claims, post } = backend;
    closers.push(() => claims.close());
    closers.push(() => post.close());
    const store = overrides.store ?? backend.store;
    if (overrides.store) closers.push(() => store.close());
    const replica = new Replica({
      store,
      clock,
      name: settings.name,
      history: settings.history,
      refill: settings.refill,
      log,
    });
    closers.push(() => replica.stop());
    await replica.start();

    const leases = new LeaseExpirer({ replica, store, clock, policy: settings.lease, log });
    const registry = new Registry({ replica, leases, clock, ttl: settings.lease.ttl, daemon: settings.name });
    const adoption = new StaticCompositors({ replica, registry, clock, wanted: config.compositors, log });
    closers.push(() => adoption.stop());
    await adoption.start();
    closers.push(() => leases.stop());
    leases.start();
    const feed = new Feed({ replica, clock, settings: settings.stream, log });
    feed.start();
    const polls = new LongPolls({ replica, clock });
    polls.start();
    // What the daemon listens with, once it is made: which ports those are is known when they do.
    const listeners: Server[] = [];
    const guard = guardOf(settings, overrides.resolve ?? new Resolver({ clock }).resolve, listeners);
    const forwarder = new HttpForwarder({ guard });
    closers.push(() => forwarder.close());
    const publisher = new Publisher({ replica });
    const base = settings.basePath === '/' ? '' : settings.basePath;
    const oddities = new Counter();
    const make =
      overrides.make ??
      connectorMaker({
        guard,
        clock,
        log,
        count: (what, times) => oddities.add(what, times),
        problemOf: (error) =>
          problemOf(
            error instanceof DomainError ? error : new DomainError('internal', 'it went wrong'),
            base,
          ),
      });
    const supervisor = new Supervisor({
      replica,
      claims,
      post,
      clock,
      make,
      publisher,
      requests: new PeerRequests({ registry, publisher, bodies: peerBodies() }),
      settings: settings.connect,
      log,
    });
    closers.push(() => supervisor.stop());
    supervisor.start();
    const commands = new Commands({ replica, registry, links: supervisor, post, clock });
    closers.push(async () => commands.stop());
    commands.start();
    const tileFeed = new TileFeed({ replica, clock, post, settings: settings.stream });
    tileFeed.start();

    // Without a word about it a daemon is open, but only where others cannot reach it: not even when a reload says nothing.
    const doors = [settings.listen, settings.legacySocket];
    const silent = doors.every((door) => !door || isLoopback(door.host)) ? 'open' : [];
    const accessOf = ({ auth = silent, anonymous }: Settings): Access => ({ auth, anonymous });
    const tokens = new Tokens(accessOf(settings));
    const started = clock.monotonic();
    const server = await createHttpServer({
      log,
      version,
      base,
      listenHost: settings.listen.host,
      hosts: settings.hosts,
      origins: settings.cors.origins,
      trustProxy: settings.trustProxy,
      tokens,
    });
    closers.push(async () => {
      await server.close();
    });
    const inFlight = new InFlight(server.server);
    const sockets = new WebSockets(server, { origins: settings.cors.origins });
    const socketPath = `${base}/manifest/socket`;
    sockets.serve(server.server, (url) => (url.split('?', 1)[0] === socketPath ? url : undefined));
    const second = settings.legacySocket && new SocketListener();
    listeners.push(server.server, ...(second ? [second.server] : []));
    // Those who use it know no paths: whatever they ask for is the socket.
    if (second) sockets.serve(second.server, (url) => `${socketPath}${/\?.*/.exec(url)?.[0] ?? ''}`);
    // Before the server's own end, and whoever asks for that: streams get their `bye`, replies their last byte.
    closers.push(async () => {
      inFlight.stopAccepting();
      second?.close();
      feed.stop('shutdown');
      polls.stop();
      tileFeed.stop();
      await Promise.all([sockets.close(), inFlight.end(settings.shutdown.grace * 1000 * FOR_REQUESTS)]);
    });
    const metrics = new Metrics({
      replica,
      feed,
      leases,
      supervisor,
      oddities,
      tailRestarts: backend.tailRestarts,
      version,
    });
    closers.push(async () => metrics.stop());
    metrics.watch(server);
    overrides.register?.(server);
    const services = {
      replica,
      registry,
      publisher,
      queries: new ManifestQueries({ replica, polls, clock }),
      documents: new ManifestDocuments(),
      feed,
      supervisor,
      commands,
      proxy: new Proxy({ registry, forwarder, clock }),
      tileFeed,
      sockets,
      web: new WebFiles(),
      tokens,
      metrics,
    };
    const uptime = () => Math.round(clock.monotonic() - started) / 1000;
    addRoutes(server, {
      ...services,
      about: { name: settings.name, version, store: store.kind, base, brickUrl: settings.brickUrl, uptime },
    });
    await server.ready();

    let closing: Promise<void> | undefined;
    return {
      ...services,
      server,
      store,
      post,
      oddities,
      listen: async () => {
        if (second && settings.legacySocket) await second.listen(settings.legacySocket);
        return (await server.listen({ ...settings.listen })) + base;
      },
      reload: async (next) => {
        const waiting = settingsForRestart(settings, next.settings);
        if (waiting.length > 0) log.warn({ settings: waiting }, 'changed settings wait for a restart');
        // First: what was revoked must not wait for a store that is away.
        tokens.replace(accessOf(next.settings));
        await adoption.replace(next.compositors);
        log.info({ compositors: next.compositors.length }, 'the configuration was reloaded');
      },
      close: () => (closing ??= within(settings.shutdown.grace * 1000 * FOR_ALL, closeAll(), log)),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Where connectors may go: not to what `listeners` listen at. */
function guardOf(settings: Settings, resolve: ResolveName, listeners: readonly Server[]): Guard {
  return new Guard({
    policy: new AddressPolicy(settings.connect.allow ?? defaultAddressRules(settings.listen.host)),
    resolve,
    ownPorts: () => listeners.flatMap((each) => (each.address() as AddressInfo | null)?.port ?? []),
  });
}

async function within(ms: number, work: Promise<void>, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.error({ ms }, 'not everything was closed within the grace');
      resolve();
    }, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
