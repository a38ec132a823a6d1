import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { makeCompositor, type Compositor } from '../../src/domain/compositor.ts';
import { leaseDuties } from '../../src/domain/lease-expiry.ts';
import { leaseKey, type Lease } from '../../src/domain/lease.ts';
import { finish } from '../../src/domain/steps.ts';
import { law } from './law.ts';

const START = Date.UTC(2024, 0, 1);
const POLICY = { retention: 6, guard: 30 };

/** A compositor renews after each of `gaps` milliseconds, then never again. */
interface Life {
  readonly ttl: number;
  readonly gaps: readonly number[];
}

/** At `after` milliseconds this replica lost touch: a boot, a stall, or the store's clock moved by `jump`. */
interface Break {
  readonly after: number;
  readonly jump: number;
}

interface Seen {
  /** By id: real milliseconds since the start at which it was last called stale, and removed. */
  readonly stale: Map<string, number>;
  readonly removed: Map<string, number>;
  /** Whether one was held back by the guard for a while. */
  readonly held: Set<string>;
  readonly lastRenewal: Map<string, number>;
  readonly lastBreak: number;
}

/** Plays it, driven by `duties.next` alone between the events, and holds every answer to what is true of the lives. */
function play(lives: readonly Life[], breaks: readonly Break[]): Seen {
  const entries = new Map<string, Compositor>();
  const leases = new Map<string, Lease>();
  const seen = { stale: new Map(), removed: new Map(), held: new Set(), lastRenewal: new Map() } as Seen;
  let real = 0;
  let jumped = 0;
  let lastBreak = 0;
  const trueClock = breaks.every(({ jump }) => jump === 0);
  const storeNow = () => START + real + jumped;
  const put = (entry: Compositor, staleAt: string | undefined) =>
    entries.set(entry.id, makeCompositor({ ...entry, staleAt }));

  const renew = (id: string) => {
    const entry = entries.get(id);
    if (!entry) return; // removed meanwhile: it would have to register again
    seen.lastRenewal.set(id, real);
    const lease = { id, generation: 'g', deadline: storeNow() + entry.ttl! * 1000 };
    leases.set(leaseKey(lease), lease);
    if (entry.staleAt !== undefined) put(entry, undefined);
  };

  const events: { at: number; run: () => void }[] = [];
  for (const [i, { ttl, gaps }] of lives.entries()) {
    const id = `c${i}`;
    const fields = { id, name: id, labels: {}, capabilities: [], enabled: true, registeredAt: 'then' };
    entries.set(id, makeCompositor({ ...fields, ttl, generation: 'g' }));
    let at = 0;
    for (const gap of [0, ...gaps]) events.push({ at: (at += gap), run: () => renew(id) });
  }
  for (const { after, jump } of breaks)
    events.push({
      at: after,
      run: () => {
        lastBreak = real;
        jumped += jump;
      },
    });
  events.sort((a, b) => a.at - b.at);

  const check = (): number => {
    const inTouch = real - lastBreak;
    const table = { now: storeNow(), leases: [...leases.values()] };
    const duties = finish(
      leaseDuties({ compositors: [...entries.values()], regions: [] }, table, () => inTouch, POLICY),
    );
    const out = [...entries.values()].filter((entry) => entry.staleAt !== undefined);
    const guarded = entries.size >= 3 && out.length > entries.size / 2;
    const silent = (id: string) => real - seen.lastRenewal.get(id)!;

    for (const { id } of [...duties.stale, ...duties.remove]) {
      const ttl = entries.get(id)!.ttl! * 1000;
      assert.ok(silent(id) >= ttl, `${id} renewed ${silent(id)} ms ago`);
      assert.ok(inTouch >= ttl, `${id} is ended by one connected for ${inTouch} ms`);
    }
    for (const { id } of duties.remove) {
      assert.ok(entries.get(id)!.staleAt !== undefined, `${id} was never called stale`);
      if (trueClock)
        assert.ok(real - seen.stale.get(id)! >= (POLICY.retention + (guarded ? POLICY.guard : 0)) * 1000);
    }
    if (guarded) for (const entry of out) seen.held.add(entry.id);

    for (const term of [...duties.grant, ...duties.pullBack])
      leases.set(leaseKey(term), { ...term, deadline: storeNow() + term.ttl * 1000 });
    for (const lease of duties.drop) leases.delete(leaseKey(lease));
    for (const { id } of duties.stale) {
      seen.stale.set(id, real);
      put(entries.get(id)!, new Date(storeNow()).toISOString());
    }
    for (const { id } of duties.remove) {
      seen.removed.set(id, real);
      entries.delete(id);
    }
    for (const entry of entries.values()) {
      const ttl = entry.ttl! * 1000;
      const late = Math.min(silent(entry.id), inTouch) >= ttl;
      assert.ok(!late || entry.staleAt !== undefined, `${entry.id} is dead and nobody said so`);
    }
    return duties.stale.length + duties.remove.length + duties.drop.length > 0 ? 0 : duties.next;
  };

  for (let steps = 0; entries.size > 0 || leases.size > 0 || events.length > 0; steps++) {
    assert.ok(steps < 5000, 'it comes to an end');
    while (events[0] && events[0].at <= real) events.shift()!.run();
    const next = check();
    assert.ok(next >= 0 && (next < Infinity || entries.size === 0), `next look in ${next} ms`);
    real = Math.min(real + next, events[0]?.at ?? Infinity);
    if (real === Infinity) break;
  }
  return { ...seen, lastBreak };
}

const ttl = fc.integer({ min: 1, max: 10 });
/** Always in time. */
const punctual = ttl.chain((seconds) =>
  fc.record({
    ttl: fc.constant(seconds),
    gaps: fc.array(fc.integer({ min: 1, max: seconds * 1000 - 1 }), { maxLength: 12 }),
  }),
);
/** In time, late, or away for so long that it is removed. */
const unruly = fc.record({ ttl, gaps: fc.array(fc.integer({ min: 1, max: 25_000 }), { maxLength: 12 }) });
const after = fc.integer({ min: 0, max: 60_000 });
const stalls = fc.array(fc.record({ after, jump: fc.constant(0) }), { maxLength: 4 });
const jumps = fc.array(
  fc.record({
    after,
    jump: fc.oneof(fc.constantFrom(0, 3_600_000, -3_600_000), fc.integer({ min: -9000, max: 9000 })),
  }),
  { maxLength: 4 },
);
const fleetOf = (life: fc.Arbitrary<Life>) => fc.array(life, { maxLength: 7 });

law(
  t,
  'who renews in time is never called stale; who stops is, exactly when its lease runs out',
  [fleetOf(punctual)],
  (lives) => {
    const { stale, removed, held, lastRenewal } = play(lives, []);
    for (const [i, life] of lives.entries()) {
      const id = `c${i}`;
      assert.equal(
        lastRenewal.get(id),
        life.gaps.reduce((sum, gap) => sum + gap, 0),
        'it was there to its last renewal',
      );
      assert.equal(stale.get(id), lastRenewal.get(id)! + life.ttl * 1000);
      const stayed = removed.get(id)! - stale.get(id)!;
      if (held.has(id))
        assert.ok(stayed >= POLICY.retention * 1000 && stayed <= (POLICY.retention + POLICY.guard) * 1000);
      else assert.equal(stayed, POLICY.retention * 1000);
    }
  },
);

law(
  t,
  'a replica that stalls or boots waits one TTL more, and no longer',
  [fleetOf(punctual), stalls],
  (lives, breaks) => {
    const { stale, removed, lastRenewal, lastBreak } = play(lives, breaks);
    for (const [i, life] of lives.entries()) {
      const id = `c${i}`;
      const at = stale.get(id)!;
      assert.ok(at >= lastRenewal.get(id)! + life.ttl * 1000);
      assert.ok(at <= Math.max(lastRenewal.get(id)!, lastBreak) + life.ttl * 1000);
      assert.ok(removed.has(id));
    }
  },
);

law(
  t,
  'however they come and go, and whatever the clock does, nobody alive is called dead',
  [fleetOf(unruly), jumps],
  (lives, breaks) => {
    const { removed } = play(lives, breaks);
    assert.equal(removed.size, lives.length, 'and in the end all are gone');
  },
);
