import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { Owner } from './program.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

export interface SentinelOptions {
  /** More lines of its configuration. */
  readonly lines?: readonly string[];
  /** What names its files of TLS, by which it reaches the servers. */
  readonly tls?: readonly string[];
  /** With TLS: how it listens itself; `tls` when left out. */
  readonly listens?: 'tls' | 'plain';
}

/** A real sentinel that watches the server at `primary` of this machine as `mymaster`; one sentinel is enough to fail over. */
export async function startSentinel(
  t: Owner,
  primary: number,
  { lines: more = [], tls = [], listens = 'tls' }: SentinelOptions = {},
): Promise<RedisServer> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'compositord-sentinel-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const config = join(dir, 'sentinel.conf');
  const overTls = tls.length > 0 && listens === 'tls';
  const lines = [
    ...(overTls ? ['port 0', `tls-port ${port}`] : [`port ${port}`]),
    ...(tls.length > 0 ? ['tls-replication yes'] : []),
    'bind 127.0.0.1',
    ...more.filter((line) => !line.startsWith('sentinel ')),
    `sentinel monitor mymaster 127.0.0.1 ${primary} 1`,
    'sentinel down-after-milliseconds mymaster 1000',
    'sentinel failover-timeout mymaster 5000',
    ...more.filter((line) => line.startsWith('sentinel ')),
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  return startRedis(t, { port, dir, overTls, args: [config, '--sentinel', ...tls] });
}
