import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import {
  hasExpired,
  isAllowed,
  SCOPES,
  scopesOfSession,
  type Auth,
  type Principal,
  type RequiredScope,
  type Scope,
  type TokenVerifier,
} from '../../domain/token.ts';
import type { JwtSessions } from './jwt-sessions.ts';
import { makeSession, readSession, sessionKey, type SessionKey } from './session.ts';

/** The access rules of a configuration. */
export interface Access {
  readonly auth: Auth;
  /** What requests without a token may do, once there are tokens. */
  readonly anonymous: readonly Scope[];
}

interface KnownToken {
  readonly hash: Buffer;
  readonly principal: Principal;
}

interface TokenWithSessions extends KnownToken {
  readonly session: SessionKey;
}

/** Something that lasts, such as a stream, and must end when its token is revoked or expires. */
interface OngoingUse {
  readonly principal: Principal;
  readonly required: RequiredScope;
  readonly end: () => void;
}

/** The form of a JWT. Listed tokens have no dots, unless somebody made them by hand. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Every token made here begins with this, so that people and secret scanners recognize it. */
const PREFIX = 'cmp_';
/** Milliseconds between two looks at the clock while something goes on that ends by itself. The clock may jump: one timer to the end would be late. */
const EXPIRY_INTERVAL = 1000;

/** Why requests are refused that may not do what they want. */
export type Denial = 'unknown-token' | 'no-token' | 'missing-scope' | 'other-compositor';

/** Knows tokens by their hashes, and ends what still runs under a token that is revoked or expires. */
export class Tokens {
  /** How often requests were refused, by reason. */
  readonly denied: Record<Denial, number> = {
    'unknown-token': 0,
    'no-token': 0,
    'missing-scope': 0,
    'other-compositor': 0,
  };
  readonly #clock: Clock;
  readonly #verifier: TokenVerifier | undefined;
  readonly #jwtSessions: JwtSessions | undefined;
  #configured: readonly TokenWithSessions[] = [];
  #bySession = new Map<string, TokenWithSessions>();
  #byKey = new Map<string, Principal>();
  /** Made for this process; a new configuration does not revoke them. */
  readonly #issued: KnownToken[] = [];
  #anonymous: Principal = anonymousPrincipal([]);
  #open = false;
  readonly #ongoing = new Set<OngoingUse>();
  /** How many of them end by themselves. */
  #expiring = 0;
  #checksExpiry = false;

  /** `verifier` and `jwtSessions`: for JWTs. */
  constructor(options: {
    access: Access;
    clock: Clock;
    verifier?: TokenVerifier | undefined;
    jwtSessions?: JwtSessions | undefined;
  }) {
    this.#clock = options.clock;
    this.#verifier = options.verifier;
    this.#jwtSessions = options.jwtSessions;
    this.replace(options.access);
  }

  /** Applies other access rules. Uses that they no longer allow end before this returns. */
  replace({ auth, anonymous }: Access): void {
    this.#open = auth === 'open';
    this.#anonymous = anonymousPrincipal(auth === 'open' ? SCOPES : anonymous);
    const listed = auth === 'open' ? [] : auth;
    this.#configured = listed.map(({ hash, ...entry }) => {
      const bytes = Buffer.from(hash, 'hex');
      return { hash: bytes, principal: { ...entry, key: hash }, session: sessionKey(bytes) };
    });
    this.#bySession = new Map(this.#configured.map((known) => [known.session.id, known]));
    this.#byKey = new Map(
      [...this.#configured, ...this.#issued].map(({ principal }) => [principal.key, principal]),
    );
    this.#endUses();
    this.#checkExpiry();
  }

  /** True when everyone may do everything, without a token. */
  get open(): boolean {
    return this.#open;
  }

  /** The principal of requests without a token. */
  get anonymous(): Principal {
    return this.#anonymous;
  }

  /**
   * The principal of a token; undefined when it is unknown or has expired. Compares all hashes in constant time, so that the
   * duration reveals nothing.
   */
  find(token: string): Principal | undefined {
    return this.#unexpired(this.#known(token, [...this.#configured, ...this.#issued])?.principal);
  }

  /** The principal of a token, listed or a JWT. Only a JWT has to be waited for. */
  authenticate(token: string): Principal | undefined | Promise<Principal | undefined> {
    return this.find(token) ?? this.#verify(token);
  }

  /**
   * A session of a listed token or a JWT that lasts `seconds`, or as long as the token; undefined when the token is not known. Throws what
   * {@link JwtSessions.begin} throws.
   */
  async beginSession(
    token: string,
    seconds: number,
  ): Promise<{ session: string; seconds: number } | undefined> {
    const known = this.#known(token, this.#configured);
    if (!known) {
      const principal = await this.#verify(token);
      return principal && this.#jwtSessions?.begin(principal, seconds);
    }
    if (!this.#unexpired(known.principal)) return undefined;
    const now = Math.floor(this.#clock.now() / 1000);
    const { expiresAt = Infinity } = known.principal;
    const end = Math.min(now + seconds, Math.floor(expiresAt / 1000));
    return { session: makeSession(known.session, end), seconds: end - now };
  }

  /** The principal of a session: that of its token, which may only read and relay. Undefined when session or token have ended. */
  findSession(session: string): Principal | undefined {
    const ofJwt = this.#jwtSessions?.find(session);
    if (ofJwt) return this.#unexpired(ofJwt);
    const found = readSession(session, (id) => this.#bySession.get(id)?.session);
    const principal = found && this.#bySession.get(found.id)?.principal;
    if (!principal) return undefined;
    return this.#unexpired({
      ...principal,
      scopes: scopesOfSession(principal),
      expiresAt: Math.min(found.end * 1000, principal.expiresAt ?? Infinity),
    });
  }

  /** Makes a token that this process uses itself; it ends with the process. */
  issue(name: string, scopes: readonly Scope[]): string {
    const { token, hash } = newToken();
    const principal = { key: hash, name, scopes };
    this.#issued.push({ hash: Buffer.from(hash, 'hex'), principal });
    this.#byKey.set(hash, principal);
    return token;
  }

  /** Calls `end` once, when `principal` loses the permission or expires. Returns a function that cancels this. */
  whileAllowed(principal: Principal, required: RequiredScope, end: () => void): () => void {
    const use: OngoingUse = { principal, required, end };
    // The token may have been revoked since the request was authorized.
    if (!this.#isAllowed(use)) {
      end();
      return () => undefined;
    }
    this.#ongoing.add(use);
    if (principal.expiresAt !== undefined) this.#expiring += 1;
    this.#checkExpiry();
    return () => this.#forget(use);
  }

  #forget(use: OngoingUse): void {
    if (this.#ongoing.delete(use) && use.principal.expiresAt !== undefined) this.#expiring -= 1;
  }

  #endUses(): void {
    for (const use of [...this.#ongoing]) {
      if (this.#isAllowed(use)) continue;
      this.#forget(use);
      use.end();
    }
  }

  /** Looks again and again, as long as something goes on that ends by itself. */
  #checkExpiry(): void {
    const expires =
      this.#expiring > 0 || this.#configured.some(({ principal }) => principal.expiresAt !== undefined);
    if (this.#checksExpiry || this.#ongoing.size === 0 || !expires) return;
    this.#checksExpiry = true;
    this.#clock.after(EXPIRY_INTERVAL, () => {
      this.#checksExpiry = false;
      this.#endUses();
      this.#checkExpiry();
    });
  }

  #isAllowed({ principal, required }: OngoingUse): boolean {
    if (this.#open) return true;
    const { key } = principal;
    const listed = key === '' ? this.#anonymous : key.startsWith('jwt:') ? principal : this.#byKey.get(key);
    return [principal, listed].every((each) => this.#unexpired(each) && isAllowed(each!, required));
  }

  #verify(token: string): Promise<Principal | undefined> | undefined {
    return this.#verifier && JWT.test(token) ? this.#verifier.verify(token) : undefined;
  }

  #known<T extends KnownToken>(token: string, list: readonly T[]): T | undefined {
    const hash = createHash('sha256').update(token).digest();
    let found: T | undefined;
    for (const known of list) if (timingSafeEqual(known.hash, hash)) found = known;
    return found;
  }

  #unexpired(principal: Principal | undefined): Principal | undefined {
    return principal && !hasExpired(principal, this.#clock.now()) ? principal : undefined;
  }
}

/** A random token, and the hash by which a configuration lists it. */
export function newToken(): { token: string; hash: string } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  return { token, hash: createHash('sha256').update(token).digest('hex') };
}

function anonymousPrincipal(scopes: readonly Scope[]): Principal {
  return { key: '', scopes };
}
