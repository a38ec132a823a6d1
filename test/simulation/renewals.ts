import type { Commit } from '../../src/domain/commit.ts';
import { leaseKey, type LeaseTerm } from '../../src/domain/lease.ts';
import type { Manifest } from '../../src/domain/patch.ts';
import type { Agenda } from './agenda.ts';
import type { Report } from './report.ts';

/** Milliseconds for which a write may be tried. */
const WRITE_TIMEOUT = 2000;

interface Life {
  last: number;
  /** It was never late. */
  punctual: boolean;
}

/** When leases were truly renewed, whatever any clock says: nobody who was in time may be called stale. */
export class Renewals {
  readonly #agenda: Agenda;
  readonly #report: Report;
  readonly #lives = new Map<object, Map<string, Life>>();
  /** The last time at which a server lost something: renewals before it may be lost, too. */
  lossAt = -Infinity;
  /** The last time at which a replica went to another server: what it still writes may be decided by the old one's leases. */
  movedAt = -Infinity;

  constructor(agenda: Agenda, report: Report) {
    this.#agenda = agenda;
    this.#report = report;
  }

  renewed(server: object, lease: LeaseTerm): void {
    let lives = this.#lives.get(server);
    if (!lives) this.#lives.set(server, (lives = new Map<string, Life>()));
    const key = leaseKey(lease);
    const { now } = this.#agenda;
    const life = lives.get(key);
    const late = life !== undefined && now - life.last > 0.9 * lease.ttl * 1000;
    lives.set(key, { last: now, punctual: !late });
  }

  check(server: object, commit: Commit, before: Manifest): void {
    for (const [id, entry] of commit.patch.compositors) {
      const old = before.compositors.get(id);
      if (!old || old.staleAt !== undefined || old.generation === undefined || old.ttl === undefined)
        continue;
      if (entry?.staleAt === undefined || entry.generation !== old.generation) continue;
      this.#checkEnd(server, { id, generation: old.generation, ttl: old.ttl }, id);
    }
    for (const [id, region] of commit.patch.regions) {
      const old = before.regions.get(id);
      // Its holder releases it, or it goes with its compositor.
      const isBySelf = commit.by !== 'daemon' || commit.patch.compositors.has(old?.compositor ?? '');
      if (region || !old || isBySelf) continue;
      const { generation, ttl, purpose } = old;
      this.#checkEnd(server, { id, generation, ttl }, `the region ${purpose}`);
    }
  }

  #checkEnd(server: object, lease: LeaseTerm, name: string): void {
    const life = this.#lives.get(server)?.get(leaseKey(lease));
    if (!life?.punctual || Math.max(this.lossAt, this.movedAt + WRITE_TIMEOUT) >= life.last) return;
    const quiet = this.#agenda.now - life.last;
    // A tenth by the promise, and a jump too small to be told from a slow answer.
    if (quiet < lease.ttl * 900 - 100)
      this.#report.violation('LEASE-EARLY', `${name} renewed ${quiet.toFixed(0)} ms ago, TTL ${lease.ttl} s`);
  }
}
