import type { Rect } from './view.ts';

/** What a token permits; `admin` permits everything. */
export const SCOPES = ['read', 'relay', 'write', 'command', 'takeover', 'connect', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The most that the compositors of one token may hold together; absent: no limit of its own. */
export interface Quota {
  readonly compositors?: number;
  readonly tiles?: number;
  readonly regions?: number;
  readonly bytes?: number;
}

/** What a token is limited to. */
export interface TokenLimits {
  /** Limits writes and commands to these ids; `wall-*` stands for all ids with that prefix. Absent: no limit. */
  readonly compositors?: readonly string[] | undefined;
  /** Limits writes to the tiles of this rectangle. Absent: no limit. */
  readonly view?: Rect | undefined;
  readonly quota?: Quota | undefined;
  /** When it ends, in milliseconds since 1970. Absent: it does not. */
  readonly expiresAt?: number | undefined;
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
  /** The hash of the token; `jwt:` and the hash for a JWT; empty without a token. */
  readonly key: string;
  /** The name of the token, for logs; absent without a token. */
  readonly name?: string;
  readonly scopes: readonly Scope[];
}

/** Verifies tokens that the configuration does not list one by one. */
export interface TokenVerifier {
  /** On whose behalf the token speaks, with its end; undefined when it is not good. Never rejects. */
  verify(token: string): Promise<Principal | undefined>;
  /** Reads again by what tokens are verified. */
  refresh(): Promise<void>;
}

/** What a request needs; `compositor` is the id in its URL. */
export interface RequiredScope {
  readonly scope: Scope;
  readonly compositor?: string | undefined;
  /** The compositor is not in the URL: whoever finds out which one it is looks whether the token covers it. */
  readonly isFoundLater?: boolean | undefined;
}

/** The one authorization rule. */
export function isAllowed(principal: Principal, { scope, compositor, isFoundLater }: RequiredScope): boolean {
  if (!hasScope(principal, scope)) return false;
  // All readers see the same map, and each other: only writes and commands are limited to some compositors.
  if (!principal.compositors || scope === 'read' || scope === 'relay' || isFoundLater) return true;
  // A registration without an id in its URL could take any id.
  return compositor !== undefined && coversCompositor(principal, compositor);
}

export function hasScope({ scopes }: Principal, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

/** The scopes of a session: a browser sends its cookie with every request, whichever page caused it, so it changes nothing. */
export function scopesOfSession(principal: Principal): Scope[] {
  if (!hasScope(principal, 'read')) return [];
  return hasScope(principal, 'relay') ? ['read', 'relay'] : ['read'];
}

/** Whether a token is limited to some compositors or to a part of the plane. What others own is then not its own to take. */
export function isBound({ compositors, view }: TokenLimits): boolean {
  return compositors !== undefined || view !== undefined;
}

/** Whether one of the ids or prefixes of a limited token covers `id`. */
export function coversCompositor({ compositors = [] }: TokenLimits, id: string): boolean {
  return compositors.some((pattern) =>
    pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern,
  );
}

/** Whether the principal's token has ended. @param now milliseconds since 1970. */
export function hasExpired({ expiresAt }: TokenLimits, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
