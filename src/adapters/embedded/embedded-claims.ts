import type { Claim, Claims, ClaimTable } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import { StoreUnreachable } from '../../domain/store.ts';
import { openFolder, type Folder } from './folder.ts';

/** Claims in a folder that several daemons may share. They run out by the clock of the machine. */
export class EmbeddedClaims implements Claims {
  readonly #folder: Folder;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  /** Throws as `EmbeddedStore.open` does. */
  static async open(options: { path: string; clock: Clock }): Promise<EmbeddedClaims> {
    return new EmbeddedClaims(await openFolder(options.path), options.clock);
  }

  private constructor(folder: Folder, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async claim(holder: string, ids: readonly string[], ttl: number): Promise<ClaimTable> {
    return this.#transact((now) => {
      const { claims } = this.#folder.tables;
      const table = new Map<string, Claim>();
      // Collected first: writing under an open LMDB cursor moves it.
      for (const { key, value } of [...claims.getRange()]) {
        const [who, deadline] = value;
        // No later: after the clock went back, a dead holder would keep the claim for that long.
        const until = Math.min(deadline, now + ttl);
        if (deadline <= now) claims.removeSync(key);
        else table.set(key, { holder: who, left: until - now });
        if (until < deadline) claims.putSync(key, [who, until]);
      }
      for (const id of ids) {
        if ((table.get(id)?.holder ?? holder) !== holder) continue;
        claims.putSync(id, [holder, now + ttl]);
        table.set(id, { holder, left: ttl });
      }
      return table;
    });
  }

  async release(holder: string, ids: readonly string[]): Promise<void> {
    await this.#transact(() => {
      const { claims } = this.#folder.tables;
      for (const id of ids) if (claims.get(id)?.[0] === holder) claims.removeSync(id);
    });
  }

  async close(): Promise<void> {
    this.#closed ??= this.#folder.release(() => undefined, this.#clock);
    return this.#closed;
  }

  async #transact<T>(work: (now: number) => T): Promise<T> {
    if (this.#closed) throw new StoreUnreachable('the embedded store is closed');
    return this.#folder.transact(this.#clock, () => work(this.#clock.now()));
  }
}
