import type { Clock } from '../../domain/clock.ts';
import { DomainError, storeUnavailable } from '../../domain/errors.ts';
import type { SharedSecret } from '../../domain/shared-secret.ts';
import { StoreError } from '../../domain/store.ts';
import { scopesOfSession, type Principal } from '../../domain/token.ts';
import { claimsKey, isClaimsSession, makeClaimsSession, readClaimsSession } from './claims-session.ts';

interface JwtSessionsOptions {
  readonly secret: SharedSecret;
  readonly issuer: string;
  /** Seconds for which a JWT is good after its `exp`; a session is not. */
  readonly tolerance: number;
  readonly clock: Clock;
}

/** Milliseconds between two looks for a key that another replica may have made, after the store lost the one that we know. */
const COOLDOWN = 10_000;

/**
 * Sessions of JWTs. No replica knows such a token beforehand, so the session itself says whose it is, and all replicas on one store check it
 * by a secret in there.
 */
export class JwtSessions {
  readonly #options: JwtSessionsOptions;
  #key: Buffer | undefined;
  #triedAt = -Infinity;

  constructor(options: JwtSessionsOptions) {
    this.#options = options;
  }

  /** Loads the key, if the store answers. */
  async prepare(): Promise<void> {
    this.#triedAt = this.#options.clock.monotonic();
    await this.#load().catch(() => undefined);
  }

  /**
   * A session that may only read and relay, lasts `seconds`, and not beyond the `exp` of the JWT that `principal` stands for; undefined when that is
   * over. Throws `store-unavailable`, and `too-large` when the claims do not fit into a cookie.
   */
  async begin(
    principal: Principal,
    seconds: number,
  ): Promise<{ session: string; seconds: number } | undefined> {
    const { clock, tolerance } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const { expiresAt = Infinity } = principal;
    const end = Math.min(now + seconds, Math.floor(expiresAt / 1000) - tolerance);
    if (end <= now) return undefined;
    const key = await this.#load();
    const scopes = scopesOfSession(principal);
    const session = makeClaimsSession(key, { ...principal, scopes, expiresAt: end * 1000 });
    if (session === undefined)
      throw new DomainError('too-large', 'the claims of this token do not fit into a cookie');
    return { session, seconds: end - now };
  }

  /** Who a session is for; undefined when it is none that is known here. */
  find(session: string): Principal | undefined {
    if (!isClaimsSession(session)) return undefined;
    const found = this.#key && readClaimsSession(this.#key, session);
    if (!found && this.#options.clock.monotonic() - this.#triedAt >= COOLDOWN) void this.prepare();
    return found;
  }

  async #load(): Promise<Buffer> {
    try {
      const secret = await this.#options.secret();
      return (this.#key = claimsKey(secret, this.#options.issuer));
    } catch (error) {
      throw error instanceof StoreError ? storeUnavailable(error) : error;
    }
  }
}
