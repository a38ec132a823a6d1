import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { LongWork } from '../concurrency/long-work.ts';
import type { DialedLink } from '../domain/connector.ts';
import type { Cursor } from '../domain/cursor.ts';
import type { Worker } from '../domain/worker.ts';
import type { Metrics } from '../plugins/metrics/metrics.ts';
import type { WarmUp } from '../plugins/warm-up.ts';
import type { CommandRouter } from '../services/commands/command-router.ts';
import type { AcceptedSocket, WebSockets } from '../plugins/web-sockets.ts';
import type { Backups } from '../services/archive/backups.ts';
import type { Feed } from '../services/feed/feed.ts';
import type { StreamViews } from '../services/feed/stream-views.ts';
import type { FileStreams } from '../services/bricks/file-streams.ts';
import type { Pictures } from '../services/bricks/pictures.ts';
import type { BrickFinder } from '../services/manifest/brick-finder.ts';
import type { HeavyReads } from '../services/manifest/heavy-reads.ts';
import type { ManifestDocuments } from '../services/manifest/manifest-documents.ts';
import type { ManifestQueries } from '../services/manifest/manifest-queries.ts';
import type { TileCounts } from '../services/manifest/tile-counts.ts';
import type { Proxy } from '../services/proxy/proxy.ts';
import type { Publisher } from '../services/compositors/publisher.ts';
import type { QuotaWatch } from '../services/manifest/quota-watch.ts';
import type { Regions } from '../services/compositors/regions.ts';
import type { Registry } from '../services/compositors/registry.ts';
import type { Replica } from '../services/manifest/replica.ts';
import type { ClientLimits } from '../services/access/client-limits.ts';
import type { Guesses } from '../services/access/guesses.ts';
import type { Tokens } from '../services/access/tokens.ts';
import type { Supervisor } from '../services/connectors/supervisor.ts';
import type { TileFile } from '../services/tile-file/tile-file.ts';
import type { TileFeed } from '../services/tile-socket/tile-feed.ts';

/** Everything that routes work with. Each route plugin declares, by its options, which of it it uses. */
export interface Services {
  readonly replica: Replica;
  readonly quotaWatch: QuotaWatch;
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly regions: Regions;
  readonly queries: ManifestQueries;
  readonly documents: ManifestDocuments;
  readonly finder: BrickFinder;
  readonly counts: TileCounts;
  readonly heavyReads: HeavyReads;
  readonly pictures: Pictures;
  readonly fileStreams: FileStreams;
  readonly backups: Backups;
  readonly feed: Feed;
  readonly streamViews: StreamViews;
  readonly supervisor: Supervisor;
  readonly tileFeed: TileFeed;
  /** Undefined: no file is kept. */
  readonly tileFile: TileFile | undefined;
  readonly sockets: WebSockets;
  /** The link over a WebSocket that a compositor opened. */
  readonly dialedLink: (accepted: AcceptedSocket) => DialedLink;
  /** The built files for browsers. */
  readonly web: { file(name: string): { readonly body: Buffer; readonly etag: string } | undefined };
  readonly tokens: Tokens;
  readonly limits: ClientLimits;
  readonly guesses: Guesses;
  readonly commands: CommandRouter;
  readonly proxy: Proxy;
  readonly metrics: Metrics;
  /** Gives slices to what takes more than a millisecond. */
  readonly work: LongWork;
  readonly warmUp: WarmUp;
  readonly about: About;
}

/** A route plugin, and the services it uses. */
export type Routes<Used extends keyof Services> = FastifyPluginAsyncTypebox<Pick<Services, Used>>;

export interface About {
  /** The daemon's name in its configuration. */
  readonly name: string;
  readonly version: string;
  /** The kind of store: `embedded` or `redis`. */
  readonly store: string;
  /** The base path, without a slash at its end. */
  readonly base: string;
  /** Where the images of bricks are: a folder, or a template with `{brick}` for the name. */
  readonly brickUrl?: string | undefined;
  /** What Geometry OS's programs request is served. */
  readonly geometryOs: boolean;
  /** `/health` says `ok`, as they expect, where it says `pass` to others. */
  readonly saysOk: boolean;
  /** Seconds that a session of a browser lasts. */
  readonly sessionMaxAge: number;
  /** Seconds since the start. */
  uptime(): number;
  /** The process, when others serve the same address. */
  readonly worker?: Worker | undefined;
}

/** Tells the client which cursor the reply stands at, and whether the store is away. */
export function setManifestHeaders(
  reply: FastifyReply,
  queries: Pick<ManifestQueries, 'degraded'>,
  cursor: Cursor,
): FastifyReply {
  reply.header('manifest-cursor', cursor);
  if (queries.degraded) reply.header('manifest-degraded', 'true');
  return reply;
}
