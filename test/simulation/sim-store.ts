import { GENESIS, type Cursor } from '../../src/domain/cursor.ts';
import type { LeaseTable, LeaseTerm } from '../../src/domain/lease.ts';
import {
  STORE_TIMEOUT,
  StoreUnanswered,
  StoreUnreachable,
  type Batch,
  type CommitResult,
  type Missed,
  type Store,
  type LoadedState,
  type StoreState,
} from '../../src/domain/store.ts';
import type { Process } from './agenda.ts';
import type { SimServer } from './sim-server.ts';
import type { World } from './world.ts';

/** One replica's way to the store: answers take their time, come in any order, get lost, or come from another server. */
export class SimStore implements Store {
  readonly kind = 'simulated';
  readonly shared = true;
  readonly #world: World;
  readonly #process: Process;
  readonly #pending = new Set<() => void>();
  readonly #born: number;
  #server: SimServer;
  #listener: (() => void) | undefined;
  #stopListening: () => void = () => undefined;
  reachable = true;

  constructor(world: World, process: Process, server: SimServer) {
    this.#world = world;
    this.#process = process;
    this.#born = world.agenda.now;
    this.#server = server;
  }

  get server(): SimServer {
    return this.#server;
  }

  /** The connection breaks: what was sent may yet be done, and nobody will hear of it. */
  drop(): void {
    const { agenda, random } = this.#world;
    for (const fail of [...this.#pending]) agenda.after(random.spread(3), this.#process, fail);
    this.#pending.clear();
  }

  moveTo(server: SimServer): void {
    this.drop();
    this.#server = server;
    this.#world.renewals.movedAt = this.#world.agenda.now;
    this.#listen();
  }

  load(): Promise<LoadedState> {
    return this.#ask('load', (server) => server.load());
  }

  commit(batch: Batch): Promise<CommitResult> {
    const { agenda, report } = this.#world;
    // Somebody who still has the old history may be about to put it back.
    if (batch.expect === GENESIS && batch.commits.length > 0 && agenda.now - this.#born < 1000)
      report.violation('TOO-SOON', 'a first commit by a replica that has just booted');
    return this.#ask('commit', (server) => server.commit(batch));
  }

  head(): Promise<Cursor> {
    return this.#ask('head', (server) => server.head);
  }

  read(cursor: Cursor): Promise<Missed> {
    return this.#ask('read', (server) => server.read(cursor));
  }

  leases(): Promise<LeaseTable> {
    return this.#ask('leases', (server) => server.leases());
  }

  renew(leases: readonly LeaseTerm[]): Promise<boolean[]> {
    return this.#ask('renew', (server) => server.renew(leases));
  }

  refill(state: StoreState): Promise<boolean> {
    return this.#ask('refill', (server) => server.refill(state));
  }

  follow(listener: () => void): () => void {
    this.#listener = listener;
    this.#listen();
    return () => {
      this.#listener = undefined;
      this.#stopListening();
    };
  }

  async close(): Promise<void> {
    this.#stopListening();
  }

  #listen(): void {
    this.#stopListening();
    if (!this.#listener) return;
    const { agenda, random, profile } = this.#world;
    this.#stopListening = this.#server.listen(() => {
      if (!this.reachable || random.chance(profile.lostHints)) return;
      const hint = () =>
        agenda.after(random.spread(profile.latency), this.#process, () => this.#listener?.());
      hint();
      if (random.chance(0.05)) hint();
    });
  }

  #ask<T>(what: string, work: (server: SimServer) => T): Promise<T> {
    const { agenda, random, profile, report } = this.#world;
    return new Promise<T>((resolve, reject) => {
      if (!this.reachable) {
        const refuse = () => reject(new StoreUnreachable('cut off'));
        agenda.after(random.spread(2), this.#process, refuse);
        return;
      }
      const server = this.#server;
      const fail = () => {
        if (!this.#pending.delete(fail) && !open) return;
        open = false;
        stopTimer();
        reject(new StoreUnanswered(what));
      };
      let open = true;
      this.#pending.add(fail);
      const stopTimer = agenda.after(STORE_TIMEOUT, this.#process, fail);
      const luck = random.next() / (this.#world.peace ? 0 : profile.loss);
      // A third each: it never arrives, its answer never does, it arrives long after.
      if (luck < 1 / 3) return;
      const delay = luck >= 2 / 3 && luck < 1 ? random.between(0, 4000) : this.#travel();
      agenda.after(delay, undefined, () => {
        server.arrive(() => {
          const answer = work(server);
          if (!open && what === 'commit') report.trace(() => `${server.name} did a ${what} after all`);
          if (luck >= 1 / 3 && luck < 2 / 3) return;
          agenda.after(this.#travel(), this.#process, () => {
            if (!this.#pending.delete(fail)) return;
            open = false;
            stopTimer();
            resolve(answer);
          });
        });
      });
    });
  }

  #travel(): number {
    const { random, profile } = this.#world;
    return random.chance(0.02) ? random.between(0, 400) : random.spread(profile.latency);
  }
}
