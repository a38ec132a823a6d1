import type { Server } from 'node:net';
import { droppedLines } from '../adapters/log-destination.ts';
import { WebFiles } from '../adapters/web-files.ts';
import type { Settings } from '../config/config.ts';
import { servesGeometryOs } from '../config/geometry-os.ts';
import { isLoopback } from '../domain/loopback.ts';
import type { TokenVerifier } from '../domain/token.ts';
import { ConnectionLimit } from '../plugins/connection-limit.ts';
import { createHttpServer } from '../plugins/http-server.ts';
import { InFlight } from '../plugins/in-flight.ts';
import { Listener } from '../plugins/listener.ts';
import { Metrics } from '../plugins/metrics/metrics.ts';
import { SocketListener } from '../plugins/socket-listener.ts';
import { WebSockets } from '../plugins/web-sockets.ts';
import { addRoutes } from '../routes/routes.ts';
import { ClientLimits, streamShare } from '../services/access/client-limits.ts';
import { Guesses } from '../services/access/guesses.ts';
import { JwtSessions } from '../services/access/jwt-sessions.ts';
import { Tokens, type Access } from '../services/access/tokens.ts';
import type { TileFile } from '../services/tile-file/tile-file.ts';
import type { ConnectorServices } from './connectors.ts';
import type { Context, Stores } from './context.ts';
import { brickServices } from './geometry-os.ts';
import type { ManifestServices } from './manifest.ts';

/** The part of the grace period that requests and streams have to end. */
const GRACE_FOR_REQUESTS = 0.7;

/** Section 4: the HTTP server with its routes. It adds to `listeners` the servers that will listen. */
export async function createHttp(
  context: Context,
  { store, secret, tailRestarts, calls, size }: Stores,
  manifest: ManifestServices & { readonly tileFile: TileFile | undefined },
  connectors: ConnectorServices,
  listeners: Server[],
) {
  const { config, overrides, clock, log, version, warmUp, work, reloads, onClose } = context;
  const { settings } = config;
  const started = clock.monotonic();
  const base = settings.basePath === '/' ? '' : settings.basePath;
  const verifier = await verifierOf(context);
  const jwtSessions =
    verifier && new JwtSessions({ secret, ...settings.jwt, issuer: settings.jwt.issuer!, clock });
  await jwtSessions?.prepare();
  const tokens = new Tokens({ access: accessOf(settings, settings), clock, verifier, jwtSessions });
  const { streams = streamShare(settings.stream.maxReaders) } = settings.limits;
  const limits = new ClientLimits({ clock, settings: { ...settings.limits, streams } });
  const guesses = new Guesses({ clock });
  const connections = new ConnectionLimit(settings.limits.connections);
  const server = await createHttpServer({
    log,
    version,
    base,
    settings,
    tokens,
    limits,
    warmUp,
    work,
    tracer: context.tracer,
  });
  onClose(() => server.close());
  const inFlight = new InFlight(server.server);
  const listener = new Listener({ server, log });
  const sockets = new WebSockets(server, { origins: settings.cors.origins });
  const socketPath = `${base}/manifest/socket`;
  const link = `${base}/compositors/`;
  sockets.serve(server.server, (url) => {
    const path = url.split('?', 1)[0]!;
    const isLink = path.startsWith(link) && /^[^/]+\/link$/.test(path.slice(link.length));
    return path === socketPath || isLink ? url : undefined;
  });
  const second = settings.legacySocket && new SocketListener();
  listeners.push(server.server, ...(second ? [second.server] : []));
  // Clients of the second port know no paths: every URL there is the socket.
  // Behind a proxy all connections have one address.
  if (settings.trustProxy === false)
    for (const each of [server.server, second?.server]) if (each) connections.watch(each);
  if (second) sockets.serve(second.server, (url) => `${socketPath}${/\?.*/.exec(url)?.[0] ?? ''}`);
  // Runs before server.close(), which would cut streams off before their `bye` and replies before their last byte.
  onClose(async () => {
    inFlight.stopAccepting();
    listener.stopAccepting();
    second?.close();
    manifest.endReaders();
    connectors.supervisor.endLinks();
    const grace = settings.shutdown.grace * 1000 * GRACE_FOR_REQUESTS;
    await Promise.all([sockets.close(), inFlight.end(grace)]);
  });

  const metrics = new Metrics({
    ...manifest,
    ...connectors,
    tailRestarts,
    version,
    storeCalls: calls,
    storeSize: size,
    maxReaders: settings.stream.maxReaders,
    denied: tokens.denied,
    reloads,
    bodyBytes: () => limits.bodies.used,
    droppedLines,
    refused: () => [...limits.refused(), ['connections', connections.refused], ['guesses', guesses.refused]],
    worker: overrides.worker,
  });
  onClose(() => metrics.stop());
  context.provideMetrics(() => metrics.json());
  metrics.watch(server);
  overrides.register?.(server);
  const about = {
    name: settings.name,
    version,
    store: store.kind,
    base,
    brickUrl: settings.brickUrl,
    geometryOs: servesGeometryOs(settings),
    saysOk: settings.geometryOs !== undefined && settings.geometryOs !== 'off',
    sessionMaxAge: settings.session.maxAge,
    uptime: () => Math.round(clock.monotonic() - started) / 1000,
    worker: overrides.worker,
  };
  addRoutes(server, {
    ...manifest,
    ...connectors,
    ...brickServices(context, manifest, connectors),
    sockets,
    web: new WebFiles(),
    tokens,
    limits,
    guesses,
    metrics,
    work,
    warmUp,
    about,
  });
  await server.ready();
  return {
    server,
    tokens,
    /** Resolves to the address, with the base path. */
    listen: async () => {
      const { backlog, legacySocket } = settings;
      const taken = second && legacySocket && (await second.listen({ ...legacySocket, backlog }));
      const url = (await listener.listen({ ...settings.listen, backlog })) + base;
      // Of several workers one says it.
      if (taken && (overrides.worker?.number ?? 1) === 1)
        log.warn(
          { host: legacySocket.host, port: legacySocket.port, reason: taken.message },
          withoutSocket(`${url}/manifest/socket`),
        );
      return url;
    },
    /** Applies the access rules of another configuration. */
    replaceAccess: (next: Settings) => {
      tokens.replace(accessOf(settings, next));
      // A file with keys may be what has changed.
      void verifier?.refresh();
    },
  };
}

/** What to do when the address where InfiniteMap looks by default is taken. */
function withoutSocket(url: string): string {
  return `serving without legacySocket: another program has its address (the Rust compositor listens there). Give InfiniteMap the option websocketUrl: '${url.replace(/^http/, 'ws')}', or set legacySocket to another address`;
}

/** Loads the library only where JWTs are accepted. */
async function verifierOf({ config, clock, log }: Context): Promise<TokenVerifier | undefined> {
  const { issuer, audience, jwks } = config.settings.jwt;
  if (issuer === undefined || audience === undefined || jwks === undefined) return undefined;
  const { JwtVerifier } = await import('../adapters/jwt/jwt-verifier.ts');
  return new JwtVerifier({ ...config.settings.jwt, issuer, audience, jwks, clock, log });
}

/**
 * Who may do what by `next`. Without auth settings, access is open on loopback only. Whether that holds depends on the
 * addresses of `running`: a reload cannot change those.
 */
function accessOf(running: Settings, next: Settings): Access {
  const addresses = [running.listen, running.legacySocket];
  const reachable = addresses.some((address) => address && !isLoopback(address.host));
  const byDefault = reachable || running.jwt.jwks !== undefined ? [] : 'open';
  return { auth: next.auth ?? byDefault, anonymous: next.anonymous };
}
