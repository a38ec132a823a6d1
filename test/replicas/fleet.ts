import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { differences } from '../../src/conformance/differences.ts';
import { send, type Reply } from '../support/http-client.ts';
import { startRedis, type RedisServer, type RedisServerOptions } from '../support/redis-server.ts';
import { eventually } from '../failures/eventually.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import type { HoppingReader } from './hopping-reader.ts';

export interface FleetOptions {
  readonly replicas?: number;
  /** More flags of `serve`, for all. */
  readonly args?: readonly string[];
  readonly redis?: RedisServerOptions;
  /** Where the daemons think that Redis is; a proxy's, for example. */
  readonly store?: (redis: RedisServer) => Promise<string>;
}

export const KEEPS_ALL = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** A real redis-server and built daemons on it, each a process of its own. */
export class Fleet {
  readonly redis: RedisServer;
  readonly daemons: Daemon[] = [];
  /** Where {@link add} has the daemons look for Redis. */
  store: string;
  readonly #t: Test;
  readonly #args: readonly string[];
  readonly #client: Redis;

  private constructor(t: Test, redis: RedisServer, store: string, args: readonly string[]) {
    this.#t = t;
    this.#args = args;
    this.redis = redis;
    this.store = store;
    this.#client = redis.client();
  }

  static async start(t: Test, options: FleetOptions = {}): Promise<Fleet> {
    const redis = await startRedis(t, options.redis);
    const store = (await options.store?.(redis)) ?? redis.url;
    const fleet = new Fleet(t, redis, store, options.args ?? []);
    await Promise.all(Array.from({ length: options.replicas ?? 2 }, () => fleet.add()));
    return fleet;
  }

  /** One more replica, or one that comes back to its port. */
  async add(port?: number): Promise<Daemon> {
    // A view in which nothing happens learns of the head by its next sign of life: tests wait for that.
    const args = ['--log-level=warn', '--stream-heartbeat=1', ...this.#args];
    const daemon = await startDaemon(this.#t, {
      store: this.store,
      args,
      ...(port !== undefined && { port }),
    });
    const before = this.daemons.findIndex((each) => each.port === port);
    if (before >= 0) this.daemons[before] = daemon;
    else this.daemons.push(daemon);
    return daemon;
  }

  get urls(): string[] {
    return this.daemons.map(({ url }) => url);
  }

  /** For the test's own commands to Redis. */
  get client(): Redis {
    return this.#client;
  }

  async ready(ceilingMs = 20_000): Promise<void> {
    for (const url of this.urls)
      await eventually(
        async () => (await status(`${url}/health/ready`)) === 200,
        `${url} is ready`,
        ceilingMs,
      );
  }

  /**
   * Waits until every replica is at one head, and then holds everything to it: the replicas and the hashes in Redis are
   * the same manifest, and each reader ends there, exact, and was never lied to. Resolves to that manifest.
   */
  async allOne(readers: readonly HoppingReader[] = []): Promise<Reply['body']> {
    const t = this.#t;
    await this.ready();
    let bodies: Reply['body'][] = [];
    const agree = async () => {
      bodies = await Promise.all(this.urls.map(async (url) => (await send('GET', `${url}/manifest`)).body));
      return bodies.every(({ cursor }) => cursor === bodies[0].cursor);
    };
    await eventually(agree, 'all replicas are at one cursor');
    const [manifest, ...others] = bodies;
    for (const other of others) t.strictSame(sorted(other), sorted(manifest), 'the replicas are equal');
    const [tiles, compositors] = await Promise.all([this.#hash('tiles'), this.#hash('compositors')]);
    t.strictSame(differences({ tiles, compositors }, manifest), [], "Redis's hashes are GET /manifest");
    await Promise.all(
      readers.map(({ reader }) =>
        reader.until((r) => r.copy.exact && r.copy.cursor === manifest.cursor, 30_000, manifest.cursor),
      ),
    );
    for (const { reader, view, name } of readers) await sameAsManifest(t, reader, this.urls[0]!, view, name);
    return manifest;
  }

  async #hash(name: 'tiles' | 'compositors'): Promise<Map<string, unknown>> {
    const entries = Object.entries(await this.#client.hgetall(`{compositord}:${name}`));
    return new Map(entries.map(([key, text]) => [key, JSON.parse(text) as unknown]));
  }
}

/** The status of a GET; 0 when nobody answers. */
export async function status(url: string): Promise<number> {
  return send('GET', url).then(
    (reply) => reply.status,
    () => 0,
  );
}

function sorted(manifest: { cursor: string; tiles: object; compositors: object }): unknown[] {
  const entries = (map: object) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return [manifest.cursor, entries(manifest.tiles), entries(manifest.compositors)];
}
