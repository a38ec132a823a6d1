import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import type { RedisAccess } from '../../domain/redis-access.ts';
import { TlsFileError } from './tls-words.ts';

const FILES = ['ca', 'cert', 'key'] as const;

/**
 * What Node's TLS is given for a connection to `host`. The files are read anew: what replaces them counts from the next connection on.
 * Throws a {@link TlsFileError}.
 */
export function tlsOptions(host: string, access: RedisAccess = {}): ConnectionOptions {
  // Only names may be asked for; a certificate for an address is checked without.
  const servername = access.serverName ?? (isIP(host) === 0 ? host : undefined);
  const given = FILES.filter((name) => access[name] !== undefined);
  return {
    ...(servername !== undefined && { servername }),
    ...(given.length > 0 && { secureContext: contextOf(given, access) }),
  };
}

function contextOf(given: readonly (typeof FILES)[number][], access: RedisAccess) {
  const texts = Object.fromEntries(given.map((name) => [name, textOf(name, access[name]!)]));
  try {
    return createSecureContext(texts);
  } catch (cause) {
    const names = given.map((name) => `redis.${name}`).join(', ');
    throw new TlsFileError(`what ${names} name is of no use: ${(cause as Error).message}`, { cause });
  }
}

function textOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TlsFileError(`redis.${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
