import { createHash } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../domain/clock.ts';
import { principalOf } from '../../domain/jwt-claims.ts';
import type { Logger } from '../../domain/logger.ts';
import { hasExpired, type Principal, type TokenVerifier } from '../../domain/token.ts';
import { KeySet } from './key-set.ts';

interface JwtVerifierOptions {
  /** `iss` must be this, `aud` must have one of these. */
  readonly issuer: string;
  readonly audience: readonly string[];
  /** A URL or the path of a file. */
  readonly jwks: string;
  readonly algorithms: readonly string[];
  /** Seconds that the clocks of the issuer and of the daemon may differ. */
  readonly tolerance: number;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Verified {
  readonly principal: Principal;
  /** Of the keys by which it was verified. */
  readonly version: number;
}

/** The most tokens whose verification is remembered. */
const REMEMBERED = 10_000;

/** Verifies JWTs with the public keys of their issuer. */
export class JwtVerifier implements TokenVerifier {
  readonly #options: JwtVerifierOptions;
  readonly #keys: KeySet;
  /** By the hash of the token; the longest unused first. */
  readonly #verified = new Map<string, Verified>();

  constructor(options: JwtVerifierOptions) {
    this.#options = options;
    this.#keys = new KeySet({ location: options.jwks, clock: options.clock, log: options.log });
  }

  async verify(token: string): Promise<Principal | undefined> {
    const key = `jwt:${createHash('sha256').update(token).digest('hex')}`;
    const known = this.#recall(key);
    if (known) return known;
    const found = await this.#payload(token);
    if (!found) return undefined;
    const { payload, version } = found;
    // jose has seen that there is an `exp`, and that it is a number.
    const principal = principalOf(payload, key, (payload.exp! + this.#options.tolerance) * 1000);
    if (principal) this.#remember(key, { principal, version });
    return principal;
  }

  async refresh(): Promise<void> {
    await this.#keys.refresh({ now: true });
  }

  async #payload(token: string): Promise<{ payload: JWTPayload; version: number } | undefined> {
    for (const last of [false, true]) {
      const keys = await this.#keys.keys();
      const { version } = this.#keys;
      if (!keys) return undefined;
      try {
        return { payload: await this.#verifyWith(keys, token), version };
      } catch (error) {
        const isUnknownKey = error instanceof errors.JWKSNoMatchingKey;
        if (last || !isUnknownKey || !(await this.#keys.refresh())) return undefined;
      }
    }
    return undefined;
  }

  async #verifyWith(keys: JWTVerifyGetKey, token: string): Promise<JWTPayload> {
    const { issuer, audience, algorithms, tolerance, clock } = this.#options;
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      clockTolerance: tolerance,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp'],
    });
    return payload;
  }

  #recall(key: string): Principal | undefined {
    const known = this.#verified.get(key);
    this.#verified.delete(key);
    const isOld = known?.version !== this.#keys.version;
    if (!known || isOld || hasExpired(known.principal, this.#options.clock.now())) return undefined;
    this.#verified.set(key, known);
    // Reads the keys again when they are old: a key that its issuer took back must not be good for ever.
    void this.#keys.keys();
    return known.principal;
  }

  #remember(key: string, verified: Verified): void {
    const [oldest] = this.#verified.keys();
    if (this.#verified.size >= REMEMBERED && oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.set(key, verified);
  }
}
