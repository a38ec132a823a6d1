import type { Claims, ClaimTable } from '../../domain/claims.ts';
import { keysOf } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** Claims in a hash, which run out by Redis's own clock. A failover to a lagging copy may lose the newest; renewals restore them. */
export class RedisClaims implements Claims {
  readonly #connection: RedisConnection;
  readonly #key: string;

  /** Closing the claims closes the connection. */
  constructor(options: { connection: RedisConnection; namespace: string }) {
    this.#connection = options.connection;
    this.#key = keysOf(options.namespace).claims;
  }

  async claim(holder: string, ids: readonly string[], ttl: number): Promise<ClaimTable> {
    const args = [holder, ttl, ...ids];
    const reply = await runScript(this.#connection, SCRIPTS.claim, [this.#key], args);
    const parts = reply as readonly (string | number)[];
    const table = new Map<string, { holder: string; left: number }>();
    for (let i = 0; i < parts.length; i += 3)
      table.set(String(parts[i]), { holder: String(parts[i + 1]), left: Number(parts[i + 2]) });
    return table;
  }

  async release(holder: string, ids: readonly string[]): Promise<void> {
    await runScript(this.#connection, SCRIPTS.release, [this.#key], [holder, ...ids]);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
