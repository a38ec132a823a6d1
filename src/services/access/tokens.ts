import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isAllowed, SCOPES, type Auth, type Caller, type Demand, type Scope } from '../../domain/token.ts';

/** Who may do what, as the configuration says. */
export interface Access {
  readonly auth: Auth;
  /** What callers without a token may do, once there are tokens. */
  readonly anonymous: readonly Scope[];
}

interface Known {
  readonly hash: Buffer;
  readonly caller: Caller;
}

interface Held {
  readonly key: string;
  readonly demand: Demand;
  readonly end: () => void;
}

/** Begins every token that is made here, so that people and scanners see what it is. */
const PREFIX = 'cmp_';

/** Knows tokens by their hashes, and ends what goes on under one that is revoked. */
export class Tokens {
  #known: readonly Known[] = [];
  #anonymous: Caller = nobody([]);
  #open = false;
  /** Made for this process alone; they outlive a new configuration. */
  readonly #issued: Known[] = [];
  readonly #held = new Set<Held>();

  constructor(access: Access) {
    this.replace(access);
  }

  /** Another configuration is in force: whatever it does not allow any more ends in this very turn. */
  replace({ auth, anonymous }: Access): void {
    this.#open = auth === 'open';
    this.#anonymous = nobody(auth === 'open' ? SCOPES : anonymous);
    const listed = auth === 'open' ? [] : auth;
    this.#known = listed.map(({ hash, ...entry }) => ({
      hash: Buffer.from(hash, 'hex'),
      caller: { ...entry, key: hash },
    }));
    for (const held of [...this.#held]) {
      if (this.#isAllowed(held.key, held.demand)) continue;
      this.#held.delete(held);
      held.end();
    }
  }

  /** Everybody may do everything: nobody has to say who they are. */
  get open(): boolean {
    return this.#open;
  }

  /** Who has no token. */
  get anonymous(): Caller {
    return this.#anonymous;
  }

  /** Whose token this is. All hashes are compared, in constant time: how long it takes tells nothing. */
  find(token: string): Caller | undefined {
    const hash = createHash('sha256').update(token).digest();
    let found: Caller | undefined;
    for (const known of [...this.#known, ...this.#issued])
      if (timingSafeEqual(known.hash, hash)) found = known.caller;
    return found;
  }

  /** A token for the use of this process, which ends with it. */
  issue(name: string, scopes: readonly Scope[]): string {
    const { token, hash } = newToken();
    this.#issued.push({ hash: Buffer.from(hash, 'hex'), caller: { key: hash, name, scopes } });
    return token;
  }

  /** Calls `end` once, when `caller` may not do this any more; returns what cancels it. */
  whileAllowed(caller: Caller, demand: Demand, end: () => void): () => void {
    const held: Held = { key: caller.key, demand, end };
    // Between the look at its token and here, that may have been revoked.
    if (!this.#isAllowed(caller.key, demand)) end();
    else this.#held.add(held);
    return () => void this.#held.delete(held);
  }

  #isAllowed(key: string, demand: Demand): boolean {
    if (this.#open) return true;
    const known = [...this.#known, ...this.#issued].find(({ caller }) => caller.key === key);
    const caller = key === '' ? this.#anonymous : known?.caller;
    return caller !== undefined && isAllowed(caller, demand);
  }
}

/** A random token, and the hash by which a configuration knows it. */
export function newToken(): { token: string; hash: string } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  return { token, hash: createHash('sha256').update(token).digest('hex') };
}

function nobody(scopes: readonly Scope[]): Caller {
  return { key: '', scopes };
}
