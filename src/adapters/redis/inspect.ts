import { FORMAT, FORMAT_WITHOUT_WITHDRAWALS, type Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';

const TYPES: Readonly<Record<keyof Keys, string>> = {
  log: 'stream',
  tiles: 'hash',
  compositors: 'hash',
  leases: 'zset',
  tickets: 'zset',
  claims: 'hash',
  secret: 'string',
  withdrawn: 'hash',
  format: 'string',
};

/** Throws an Error of one line when this Redis does not meet the requirements, or holds what is not ours. */
export async function inspect(connection: RedisConnection, keys: Keys): Promise<void> {
  const names = Object.keys(TYPES) as (keyof Keys)[];
  const [server, memory, format, ...types] = await Promise.all([
    connection.call('info', ['server']),
    connection.call('info', ['memory']),
    // It throws for a key of another type, which is reported below.
    connection.call('get', [keys.format]).catch(() => null),
    ...names.map((name) => connection.call('type', [keys[name]])),
  ]);
  const fail = (why: string): never => {
    throw new Error(`The Redis at ${connection.where} cannot be used: ${why}.`);
  };
  const version = /^redis_version:(.*?)\r?$/m.exec(String(server))?.[1] ?? '';
  if (Number.parseInt(version) < 7) fail(`it is version ${version}, and compositord needs 7.0 or newer`);
  const policy = /^maxmemory_policy:(.*?)\r?$/m.exec(String(memory))?.[1] ?? '';
  if (policy.startsWith('allkeys-'))
    fail(`its maxmemory-policy is ${policy}, so Redis may evict tiles: set it to noeviction`);
  for (const [i, name] of names.entries())
    if (types[i] !== 'none' && types[i] !== TYPES[name])
      fail(
        `its key ${keys[name]} is a ${String(types[i])}, not a ${TYPES[name]}: another program uses this namespace`,
      );
  if (format === '2')
    fail(`${keys.format} says "2", which no release wrote: use the compositord that wrote it, or empty it`);
  if (format !== null && ![FORMAT_WITHOUT_WITHDRAWALS, FORMAT].map(String).includes(String(format)))
    fail(
      `${keys.format} says ${JSON.stringify(format)}, and this compositord knows only ${FORMAT}: use the newer compositord that wrote it`,
    );
}
