import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { Owner } from './program.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

/** A real sentinel that watches the server at `primary` of this machine as `mymaster`; one sentinel is enough to fail over. */
export async function startSentinel(t: Owner, primary: number): Promise<RedisServer> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'compositord-sentinel-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const config = join(dir, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor mymaster 127.0.0.1 ${primary} 1`,
    'sentinel down-after-milliseconds mymaster 1000',
    'sentinel failover-timeout mymaster 5000',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  return startRedis(t, { port, dir, args: [config, '--sentinel'] });
}
