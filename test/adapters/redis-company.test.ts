import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { openCompany, type RedisCompany } from '../../src/adapters/redis/open-redis.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { claimsContract } from '../contract/claims.ts';
import { postContract } from '../contract/peer-bus.ts';
import { loud } from '../support/loud.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

let server: Promise<RedisServer> | undefined;

/** On one real server, each with a namespace of its own. */
async function world() {
  const { url } = await (server ??= startRedis(t));
  const namespace = randomUUID();
  const all: RedisCompany[] = [];
  return {
    open: async () => {
      const company = await openCompany({ address: url, namespace, clock: new SystemClock(), log: loud });
      all.push(company);
      return company;
    },
    dispose: async () => {
      for (const { post, claims } of all) {
        await post.close();
        await claims.close();
      }
    },
  };
}

postContract(t, 'the post through Redis', async () => {
  const { open, dispose } = await world();
  return { open: async () => (await open()).post, dispose };
});

claimsContract(t, 'claims in Redis', async () => {
  const { open, dispose } = await world();
  // Redis has no clock that could be set.
  return { open: async () => (await open()).claims, advance: async (ms) => setTimeout(ms), dispose };
});
