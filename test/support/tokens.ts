import { createHash } from 'node:crypto';
import type { Scope, TokenEntry } from '../../src/domain/token.ts';

/** A token that a test can send, and the entry of the configuration that knows it. */
export function tokenFor(
  name: string,
  scopes: readonly Scope[],
  compositors?: readonly string[],
): { readonly token: string; readonly entry: TokenEntry; readonly headers: { authorization: string } } {
  const token = `cmp_${name}-of-a-test`;
  const hash = createHash('sha256').update(token).digest('hex');
  return {
    token,
    entry: { name, hash, scopes, ...(compositors && { compositors }) },
    headers: { authorization: `Bearer ${token}` },
  };
}
