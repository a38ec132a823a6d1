import { GENESIS } from '../../src/domain/cursor.ts';
import type { Daemon } from './daemon.ts';
import type { Fault } from './profile.ts';
import { SimServer } from './sim-server.ts';
import type { World } from './world.ts';

/** Faults of the store that lose something: more of them would leave nothing to lose. */
const MOST_LOSSES = 3;

/** Injects faults; most of them end after a while. */
export class FaultInjector {
  readonly #world: World;
  #losses = 0;
  /** The former master, after a failover: it does not know that it is none any more. */
  #old: SimServer | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  inject(fault: Fault): void {
    const { random, daemons, report } = this.#world;
    const daemon = random.pick(daemons);
    report.trace(() => `${fault} (${daemon.name})`);
    if (fault === 'drop') daemon.store.drop();
    else if (fault === 'cut') this.#cut(daemon);
    else if (fault === 'stall') this.#stall();
    else if (fault === 'restart') this.#restart(daemon);
    else if (fault === 'freeze') this.#freeze(daemon);
    else if (fault === 'jump') this.#jump();
    else if (this.#losses++ < MOST_LOSSES) this.#lose(fault);
  }

  /** Ends every fault. */
  repairAll(): void {
    const { daemons, master } = this.#world;
    master.resume();
    this.#old?.resume();
    for (const daemon of daemons) {
      daemon.store.reachable = true;
      if (daemon.store.server !== master) daemon.store.moveTo(master);
      this.#world.agenda.thaw(daemon.process);
    }
  }

  #cut(daemon: Daemon): void {
    const { agenda, random } = this.#world;
    daemon.store.reachable = false;
    daemon.store.drop();
    agenda.after(random.between(100, random.pick([1000, 5000, 12_000])), undefined, () => {
      daemon.store.reachable = true;
    });
  }

  #stall(): void {
    const { agenda, random, master } = this.#world;
    master.stall();
    agenda.after(random.between(10, 3000), undefined, () => master.resume());
  }

  #restart(daemon: Daemon): void {
    const { agenda, random } = this.#world;
    daemon.kill();
    agenda.after(random.between(1, 500), undefined, () => this.#world.replace(daemon));
  }

  #freeze(daemon: Daemon): void {
    const { agenda, random } = this.#world;
    daemon.process.frozen = true;
    agenda.after(random.between(10, random.pick([500, 5000])), undefined, () => {
      agenda.thaw(daemon.process);
    });
  }

  #jump(): void {
    const { random, master } = this.#world;
    master.clockOffset += random.pick([-1, 1]) * random.pick([80, 2000, 3_600_000]);
  }

  #lose(fault: Fault): void {
    const { master, writes, renewals, agenda, random } = this.#world;
    const from = master.head;
    if (fault === 'failover') return this.#failOver();
    if (fault === 'rewind' && master.past.length === 0) return;
    master.restore(fault === 'flush' ? undefined : random.pick(master.past));
    writes.lose(from, fault === 'flush' ? GENESIS : master.head);
    renewals.lossAt = agenda.now;
  }

  #failOver(): void {
    const { master, daemons, writes, renewals, agenda, random } = this.#world;
    const past = random.chance(0.6) && master.past.length > 0 ? random.pick(master.past) : master.present;
    const next = new SimServer(this.#world, `s${this.#losses + 1}`, past);
    next.clockOffset = master.clockOffset + random.pick([0, 80, -5000, 5000]);
    this.#old = master;
    this.#world.master = next;
    writes.lose(master.head, next.head);
    renewals.lossAt = agenda.now;
    for (const daemon of daemons) {
      const move = () => {
        if (daemon.store.server !== this.#world.master) daemon.store.moveTo(this.#world.master);
      };
      if (random.chance(0.6)) move();
      else agenda.after(random.between(100, 4000), undefined, move);
    }
  }
}
