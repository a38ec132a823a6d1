import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Test } from 'tap';
import { FORMATS, keysOf } from '../../src/adapters/redis/keys.ts';
import { RedisStore } from '../../src/adapters/redis/redis-store.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import type { Store } from '../../src/domain/store.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { featureOf, type StoreWorld } from '../contract/store-world.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

/** A store on `server`, closed when `t` ends. */
export async function openRedis(
  t: Pick<Test, 'teardown'>,
  server: { readonly port: number },
  namespace = 'test',
): Promise<RedisStore> {
  const store = await RedisStore.open({
    address: parseRedisAddress(`redis://127.0.0.1:${server.port}`),
    namespace,
    clock: new SystemClock(),
  });
  t.teardown(() => store.close());
  return store;
}

interface RedisWorldOptions {
  /** Tiles that one step of a sweep looks at. */
  readonly sweepCount?: number;
  /** The server; one of its own when left out. */
  readonly server?: () => Promise<RedisServer>;
  /** `user:password@`. */
  readonly login?: string;
}

/** Makes worlds of Redis stores, all on one real server, each with a namespace of its own. */
export function redisWorlds(
  t: Test,
  { sweepCount, login = '', ...options }: RedisWorldOptions = {},
): (t: Test) => Promise<StoreWorld> {
  let server: Promise<RedisServer> | undefined;
  return async () => {
    const running = await (server ??= options.server?.() ?? startRedis(t));
    const redis = running.client();
    const namespace = randomUUID();
    const stores: Store[] = [];
    return {
      async open() {
        const clock = new SystemClock();
        const address = parseRedisAddress(running.url.replace('//', `//${login}`));
        const store = await RedisStore.open({ address, namespace, clock, ...(sweepCount && { sweepCount }) });
        stores.push(store);
        return store;
      },
      async wipe() {
        await redis.flushall();
      },
      async stored() {
        const { tiles, withdrawn } = keysOf(namespace);
        return { tiles: await redis.hlen(tiles), withdrawn: await redis.hlen(withdrawn) };
      },
      feature: async () => featureOf(FORMATS, await redis.get(keysOf(namespace).format)),
      // Redis has no clock that could be set.
      advance: async (ms) => setTimeout(ms),
      async dispose() {
        await Promise.all(stores.map((store) => store.close()));
        redis.disconnect();
      },
    };
  };
}
