import { FORMAT, type Keys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';

const TYPES: Readonly<Record<keyof Keys, string>> = {
  log: 'stream',
  tiles: 'hash',
  compositors: 'hash',
  leases: 'zset',
  turn: 'zset',
  claims: 'hash',
  format: 'string',
};

/**
 * Throws an Error of one line when what lies in this Redis can never be worked with: too old a server, one that
 * evicts, keys of another program, a newer layout.
 */
export async function inspect(connection: RedisConnection, keys: Keys, where: string): Promise<void> {
  const names = Object.keys(TYPES) as (keyof Keys)[];
  const [server, memory, format, ...types] = await Promise.all([
    connection.call({ command: 'info', args: ['server'] }),
    connection.call({ command: 'info', args: ['memory'] }),
    // A key of another type makes it throw: that one is told apart below.
    connection.call({ command: 'get', args: [keys.format] }).catch(() => null),
    ...names.map((name) => connection.call({ command: 'type', args: [keys[name]] })),
  ]);
  const fail = (why: string): never => {
    throw new Error(`The Redis at ${where} cannot be used: ${why}.`);
  };
  const version = /^redis_version:(.*?)\r?$/m.exec(String(server))?.[1] ?? '';
  if (Number.parseInt(version) < 7) fail(`it is version ${version}, and 7.0 is the oldest that will do`);
  const policy = /^maxmemory_policy:(.*?)\r?$/m.exec(String(memory))?.[1] ?? '';
  if (policy.startsWith('allkeys-'))
    fail(`its maxmemory-policy is ${policy}, so it may throw tiles away: set it to noeviction`);
  for (const [i, name] of names.entries())
    if (types[i] !== 'none' && types[i] !== TYPES[name])
      fail(
        `its key ${keys[name]} is a ${String(types[i])}, not a ${TYPES[name]}: another program uses this namespace`,
      );
  if (format !== null && format !== String(FORMAT))
    fail(
      `${keys.format} says ${JSON.stringify(format)}, and this compositord knows only ${FORMAT}: use the newer compositord that wrote it`,
    );
}
