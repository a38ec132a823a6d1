import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  isAllowed,
  SCOPES,
  type Auth,
  type Principal,
  type RequiredScope,
  type Scope,
} from '../../domain/token.ts';

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

/** Something that lasts, such as a stream, and must end when its token is revoked. */
interface OngoingUse {
  readonly key: string;
  readonly required: RequiredScope;
  readonly end: () => void;
}

/** Every token made here begins with this, so that people and secret scanners recognize it. */
const PREFIX = 'cmp_';

/** Knows tokens by their hashes, and ends what still runs under a token that is revoked. */
export class Tokens {
  #configured: readonly KnownToken[] = [];
  /** Made for this process; a new configuration does not revoke them. */
  readonly #issued: KnownToken[] = [];
  #anonymous: Principal = anonymousPrincipal([]);
  #open = false;
  readonly #ongoing = new Set<OngoingUse>();

  constructor(access: Access) {
    this.replace(access);
  }

  /** Applies other access rules. Uses that they no longer allow end before this returns. */
  replace({ auth, anonymous }: Access): void {
    this.#open = auth === 'open';
    this.#anonymous = anonymousPrincipal(auth === 'open' ? SCOPES : anonymous);
    const listed = auth === 'open' ? [] : auth;
    this.#configured = listed.map(({ hash, ...entry }) => ({
      hash: Buffer.from(hash, 'hex'),
      principal: { ...entry, key: hash },
    }));
    for (const use of [...this.#ongoing]) {
      if (this.#isAllowed(use.key, use.required)) continue;
      this.#ongoing.delete(use);
      use.end();
    }
  }

  /** True when everyone may do everything, without a token. */
  get open(): boolean {
    return this.#open;
  }

  /** The principal of requests without a token. */
  get anonymous(): Principal {
    return this.#anonymous;
  }

  /** The principal of a token. Compares all hashes in constant time, so that the duration reveals nothing. */
  find(token: string): Principal | undefined {
    const hash = createHash('sha256').update(token).digest();
    let found: Principal | undefined;
    for (const known of this.#known()) if (timingSafeEqual(known.hash, hash)) found = known.principal;
    return found;
  }

  /** Makes a token that this process uses itself; it ends with the process. */
  issue(name: string, scopes: readonly Scope[]): string {
    const { token, hash } = newToken();
    this.#issued.push({ hash: Buffer.from(hash, 'hex'), principal: { key: hash, name, scopes } });
    return token;
  }

  /** Calls `end` once, when `principal` loses the permission. Returns a function that cancels this. */
  whileAllowed(principal: Principal, required: RequiredScope, end: () => void): () => void {
    const use: OngoingUse = { key: principal.key, required, end };
    // The token may have been revoked since the request was authorized.
    if (!this.#isAllowed(principal.key, required)) end();
    else this.#ongoing.add(use);
    return () => void this.#ongoing.delete(use);
  }

  #isAllowed(key: string, required: RequiredScope): boolean {
    if (this.#open) return true;
    const known = this.#known().find(({ principal }) => principal.key === key);
    const principal = key === '' ? this.#anonymous : known?.principal;
    return principal !== undefined && isAllowed(principal, required);
  }

  #known(): KnownToken[] {
    return [...this.#configured, ...this.#issued];
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
