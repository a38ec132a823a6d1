/** What a token permits; `admin` permits everything. */
export const SCOPES = ['read', 'write', 'command', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A token as the configuration lists it. The configuration holds only the hash. */
export interface TokenEntry {
  readonly name: string;
  /** The SHA-256 of the token, in lower-case hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Limits writes and commands to these ids; `wall-*` stands for all ids with that prefix. Absent: no limit. */
  readonly compositors?: readonly string[];
}

/** The access rules: open to everyone, or only to these tokens. */
export type Auth = 'open' | readonly TokenEntry[];

/** On whose behalf a request is made. */
export interface Principal {
  /** The hash of the token; empty without a token. */
  readonly key: string;
  /** The name of the token, for logs; absent without a token. */
  readonly name?: string;
  readonly scopes: readonly Scope[];
  readonly compositors?: readonly string[] | undefined;
}

/** What a request needs; `compositor` is the id in its URL. */
export interface RequiredScope {
  readonly scope: Scope;
  readonly compositor?: string | undefined;
}

/** The one authorization rule. */
export function isAllowed(principal: Principal, { scope, compositor }: RequiredScope): boolean {
  if (!principal.scopes.includes(scope) && !principal.scopes.includes('admin')) return false;
  // All readers see the same map: only writes and commands are limited to some compositors.
  if (!principal.compositors || scope === 'read') return true;
  // A registration without an id in its URL could take any id.
  return compositor !== undefined && principal.compositors.some((id) => covers(id, compositor));
}

function covers(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}
