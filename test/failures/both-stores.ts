import t, { type Test } from 'tap';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

/** What `startDaemon` and the settings of `build` take: nothing for the embedded store, else where Redis is. */
export interface On {
  readonly store?: string;
}

/** One test, on the embedded store and on a real Redis of its own. */
export function onBothStores(
  what: string,
  options: { timeout?: number },
  body: (t: Test, on: On, redis?: RedisServer) => Promise<void>,
): void {
  void t.test(`${what} (embedded)`, options, (t) => body(t, {}));
  void t.test(`${what} (Redis)`, options, async (t) => {
    const redis = await startRedis(t);
    return body(t, { store: redis.url }, redis);
  });
}
