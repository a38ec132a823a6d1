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
    const reply = (await runScript(this.#connection, {
      script: SCRIPTS.claim,
      keys: [this.#key],
      args: [holder, ttl, ...ids],
      writes: true,
    })) as readonly (string | number)[];
    const table = new Map<string, { holder: string; left: number }>();
    for (let i = 0; i < reply.length; i += 3)
      table.set(String(reply[i]), { holder: String(reply[i + 1]), left: Number(reply[i + 2]) });
    return table;
  }

  async release(holder: string, ids: readonly string[]): Promise<void> {
    await runScript(this.#connection, {
      script: SCRIPTS.release,
      keys: [this.#key],
      args: [holder, ...ids],
      writes: true,
    });
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
