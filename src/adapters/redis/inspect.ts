import type { StoreDescription } from '../../domain/archivable-store.ts';
import { StoreUnreachable, StoreUnusable } from '../../domain/store-error.ts';
import { FORMATS, NEWEST_FORMAT, type Keys } from './keys.ts';
import type { RedisConnection, Reply } from './redis-connection.ts';

const TYPES: Readonly<Record<keyof Keys, string>> = {
  log: 'stream',
  tiles: 'hash',
  compositors: 'hash',
  regions: 'hash',
  leases: 'zset',
  tickets: 'zset',
  claims: 'hash',
  secret: 'string',
  withdrawn: 'hash',
  format: 'string',
};

/** Throws an Error of one line when this Redis does not meet the requirements, or holds what is not ours. */
export async function inspect(connection: RedisConnection, keys: Keys, channel: string): Promise<void> {
  const names = Object.keys(TYPES) as (keyof Keys)[];
  // Nobody listens there. A user who may not do it would be missed only when replicas have something to say.
  await connection.call('spublish', [channel, '']);
  const [server, memory, format, ...types] = await Promise.all([
    connection.call('info', ['server']),
    connection.call('info', ['memory']),
    connection.call('get', [keys.format]).catch((error: unknown) => {
      if (error instanceof StoreUnreachable) throw error;
      // It is a key of another type, which is reported below.
      return null;
    }),
    ...names.map((name) => connection.call('type', [keys[name]])),
  ]);
  const fail = (why: string): never => {
    throw new StoreUnusable(`The Redis at ${connection.where} cannot be used: ${why}.`, {
      reason: 'not-usable',
    });
  };
  const version = /^redis_version:(.*?)\r?$/m.exec(String(server))?.[1] ?? '';
  if (Number.parseInt(version) < 7) fail(`it is version ${version}, and compositord needs 7.0 or newer`);
  const risk = evictionRisk(memory);
  if (risk !== undefined) fail(risk);
  for (const [i, name] of names.entries())
    if (types[i] !== 'none' && types[i] !== TYPES[name])
      fail(
        `its key ${keys[name]} is a ${String(types[i])}, not a ${TYPES[name]}: another program uses this namespace`,
      );
  if (format === '2')
    fail(`${keys.format} says "2", which no release wrote: use the compositord that wrote it, or empty it`);
  if (format !== null && !Object.values(FORMATS).map(String).includes(String(format)))
    fail(
      `${keys.format} says ${JSON.stringify(format)}, and this compositord knows only ${NEWEST_FORMAT}: use the newer compositord that wrote it`,
    );
}

/** What a person wants to know of the store in this Redis, but for its content. */
export async function describe(connection: RedisConnection, keys: Keys): Promise<StoreDescription> {
  const format = await connection.call('get', [keys.format]);
  const sizes = await Promise.all(
    Object.values<string>({ ...keys }).map((key) =>
      // Access rules may forbid it.
      connection.call('memory', ['usage', key]).catch(() => undefined),
    ),
  );
  const bytes = sizes.includes(undefined)
    ? undefined
    : sizes.reduce((sum, size) => Number(sum) + Number(size), 0);
  return {
    where: connection.where,
    format: format === null ? undefined : Number(format),
    bytes: bytes === undefined ? undefined : Number(bytes),
  };
}

/** What may be lost by `INFO memory`; undefined when Redis evicts nothing of ours. */
export function evictionRisk(memory: Reply): string | undefined {
  const policy = /^maxmemory_policy:(.*?)\r?$/m.exec(String(memory))?.[1] ?? '';
  return policy.startsWith('allkeys-')
    ? `its maxmemory-policy is ${policy}, so Redis may evict tiles: set it to noeviction`
    : undefined;
}
