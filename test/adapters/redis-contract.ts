import type { Test } from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openRedis } from '../../src/backend/redis-backend.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { storeContract } from '../contract/store.ts';
import { documentedUser } from '../support/acl-user.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { redisWorlds } from './redis-world.ts';

/** What the store must do on the server that `program` is, for a user with exactly the rights that docs/redis.md names. */
export function redisContract(t: Test, name: string, program?: string): void {
  const { login, rules, commands } = documentedUser('compositord');
  let started: Promise<RedisServer> | undefined;
  const args = ['--user', ...rules];
  const server = () => (started ??= startRedis(t, { args, ...(program !== undefined && { program }) }));

  storeContract(t, name, redisWorlds(t, { server, login }));

  t.test('with exactly the rights of docs/redis.md: none was missing, and each was used', async (t) => {
    const running = await server();
    const redis = running.client();
    const backend = await openRedis({
      address: parseRedisAddress(`redis://${login}127.0.0.1:${running.port}/1`),
      namespace: 'test',
      clock: new SystemClock(),
      log: loud,
    });
    t.equal((await backend.claims.claim('me', ['wall'], 1000)).get('wall')?.holder, 'me');
    await backend.claims.release('me', ['wall']);
    t.equal((await backend.secret()).length, 32);
    t.type(await backend.storeBytes(), 'number');
    t.equal(await backend.store.check(), undefined);
    await closeBackend(backend);

    t.same(await redis.call('ACL', 'LOG'), [], 'nothing was refused');
    const stats = await redis.info('commandstats');
    const used = new Set([...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, name]) => name));
    t.same(
      commands.filter((name) => !used.has(name)),
      [],
      'nothing is listed that nobody needs',
    );
  });
}
