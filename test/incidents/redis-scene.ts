import type { Test } from 'tap';
import { KEEPS_ALL } from '../replicas/fleet.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

/** A Redis that keeps everything, and a daemon on it. `login`: of the daemon, `user:password@`. */
export async function scene(t: Test, { args = KEEPS_ALL, login = '' } = {}): Promise<[Daemon, RedisServer]> {
  const redis = await startRedis(t, { args });
  const store = `redis://${login}127.0.0.1:${redis.port}`;
  return [await startDaemon(t, { store, args: ['--log-level=warn'] }), redis];
}
