/** What a token may open; `admin` opens all of it. */
export const SCOPES = ['read', 'write', 'command', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A token as the configuration lists it: its hash, never itself. */
export interface TokenEntry {
  readonly name: string;
  /** The SHA-256 of the token, in lower-case hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Writes and commands only for these ids; `wall-*` names all that begin so. Absent: for all. */
  readonly compositors?: readonly string[];
}

/** Who may do what: everybody everything, or whoever has one of these tokens. */
export type Auth = 'open' | readonly TokenEntry[];

/** On whose behalf a request comes. */
export interface Caller {
  /** The hash of its token; empty for who has none. */
  readonly key: string;
  /** For logs; absent for who has no token. */
  readonly name?: string;
  readonly scopes: readonly Scope[];
  readonly compositors?: readonly string[] | undefined;
}

/** What a request needs; `compositor` is the id in its URL. */
export interface Demand {
  readonly scope: Scope;
  readonly compositor?: string | undefined;
}

/** The one rule of who may do what. */
export function isAllowed(caller: Caller, { scope, compositor }: Demand): boolean {
  if (!caller.scopes.includes(scope) && !caller.scopes.includes('admin')) return false;
  // Everybody who reads sees the one map; only what is done to compositors is bound to some.
  if (!caller.compositors || scope === 'read') return true;
  // A registration without an id in its URL could become any.
  return compositor !== undefined && caller.compositors.some((id) => covers(id, compositor));
}

function covers(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}
