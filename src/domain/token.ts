/** What a token permits; `admin` permits everything. */
export const SCOPES = ['read', 'write', 'command', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The most that the compositors of one token may hold together; absent: no limit of its own. */
export interface Quota {
  readonly compositors?: number;
  readonly tiles?: number;
  readonly bytes?: number;
}

/** What a token is limited to. */
export interface TokenLimits {
  /** Limits writes and commands to these ids; `wall-*` stands for all ids with that prefix. Absent: no limit. */
  readonly compositors?: readonly string[] | undefined;
  readonly quota?: Quota | undefined;
}

/** A token as the configuration lists it. The configuration holds only the hash. */
export interface TokenEntry extends TokenLimits {
  readonly name: string;
  /** The SHA-256 of the token, in lower-case hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
}

/** The access rules: open to everyone, or only to these tokens. */
export type Auth = 'open' | readonly TokenEntry[];

/** On whose behalf a request is made. */
export interface Principal extends TokenLimits {
  /** The hash of the token; empty without a token. */
  readonly key: string;
  /** The name of the token, for logs; absent without a token. */
  readonly name?: string;
  readonly scopes: readonly Scope[];
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
  return compositor !== undefined && coversCompositor(principal, compositor);
}

/** Whether one of the ids or prefixes of a limited token covers `id`. */
export function coversCompositor({ compositors = [] }: TokenLimits, id: string): boolean {
  return compositors.some((pattern) =>
    pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern,
  );
}
