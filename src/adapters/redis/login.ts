import { readFileSync } from 'node:fs';
import { passwordIn, type RedisDeployment } from '../../domain/redis-access.ts';
import type { Credentials } from '../../domain/store-address.ts';

/** What connections to the servers log in with. A password in a file is read anew. Throws when that cannot be read. */
export function serverLogin({ address, access }: RedisDeployment): Credentials {
  const { credentials } = address;
  if (access?.passwordFile !== undefined)
    return { ...credentials, password: passwordOf(access.passwordFile) };
  // A user without a password of its own (`nopass`) takes any.
  return credentials.username === undefined ? credentials : { password: '', ...credentials };
}

/** What sentinels are given by settings of their own; undefined when there are none. */
export function sentinelLogin({ access }: RedisDeployment): Credentials | undefined {
  const { user, passwordFile } = access?.sentinel ?? {};
  if (passwordFile === undefined) return undefined;
  return { ...(user !== undefined && { username: user }), password: passwordOf(passwordFile) };
}

function passwordOf(path: string): string {
  return passwordIn(readFileSync(path, 'utf8'));
}
