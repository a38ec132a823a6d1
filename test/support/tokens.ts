import { createHash } from 'node:crypto';
import type { Scope, TokenEntry } from '../../src/domain/token.ts';

/** A token that a test can send, and the entry of the configuration that knows it. */
export interface Token {
  readonly token: string;
  readonly entry: TokenEntry;
  readonly headers: { readonly authorization: string };
}

export function tokenFor(name: string, scopes: readonly Scope[], compositors?: readonly string[]): Token {
  const token = `cmp_${name}-of-a-test`;
  const hash = createHash('sha256').update(token).digest('hex');
  return {
    token,
    entry: { name, hash, scopes, ...(compositors && { compositors }) },
    headers: { authorization: `Bearer ${token}` },
  };
}

/** What to set `COMPOSITORD_AUTH` to, so that a daemon knows them. */
export function authText(...known: readonly Token[]): string {
  return JSON.stringify(known.map(({ entry }) => ({ ...entry, hash: `sha256:${entry.hash}` })));
}
