import t from 'tap';
import { makeCompositor, type Compositor, type CompositorFields } from '../../src/domain/compositor.ts';
import {
  leaseDuties as dutiesInSteps,
  noDuties,
  type LeaseDuties,
  type LeasePolicy,
} from '../../src/domain/lease-expiry.ts';
import {
  isLeased,
  leaseKey,
  parseLeaseKey,
  type Lease,
  type LeaseTable,
  type LeaseTerm,
} from '../../src/domain/lease.ts';
import { finish, STEP } from '../../src/domain/steps.ts';

const NOW = Date.UTC(2024, 0, 1);
const POLICY = { retention: 60, guard: 600 };
const LONG = 1e9;
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const entry = (id: string, more: Partial<CompositorFields> = {}): Compositor =>
  makeCompositor({
    ...{ id, name: id, labels: {}, capabilities: [], enabled: true, registeredAt: ago(1e4) },
    ...{ ttl: 30, generation: 'g', ...more },
  });
/** A lease that has `seconds` left. */
const lease = (id: string, seconds: number, generation = 'g'): Lease => ({
  ...{ id, generation, deadline: NOW + seconds * 1000 },
});
const name = (id: string, generation = 'g') => ({ id, generation });
const leaseDuties = (
  compositors: readonly Compositor[],
  table: LeaseTable,
  watched: (key: string) => number,
  policy: LeasePolicy,
  regions: readonly LeaseTerm[] = [],
) => finish(dutiesInSteps({ compositors, regions }, table, watched, policy));

const NOTHING = noDuties();

interface Scenario {
  entries?: Compositor[];
  leases?: Lease[];
  /** Seconds. */
  inTouch?: number;
  policy?: typeof POLICY;
  expect: Partial<LeaseDuties>;
}

const table: Record<string, Scenario> = {
  'nobody at all': { expect: {} },
  'a fresh lease': { entries: [entry('a')], leases: [lease('a', 20)], expect: { next: 20_000 } },
  'a lease renewed just now': { entries: [entry('a')], leases: [lease('a', 30)], expect: { next: 30_000 } },
  'a millisecond left': { entries: [entry('a')], leases: [lease('a', 0.001)], expect: { next: 1 } },
  'run out this very millisecond': {
    entries: [entry('a')],
    leases: [lease('a', 0)],
    expect: { stale: [name('a')] },
  },
  'run out long ago': { entries: [entry('a')], leases: [lease('a', -500)], expect: { stale: [name('a')] } },
  'run out, but this replica was not in touch for a whole TTL': {
    entries: [entry('a')],
    leases: [lease('a', -500)],
    inTouch: 29.999,
    expect: { next: 1 },
  },
  'run out, and in touch for exactly a TTL': {
    entries: [entry('a')],
    leases: [lease('a', -500)],
    inTouch: 30,
    expect: { stale: [name('a')] },
  },
  'just booted: the whole TTL is still to be watched': {
    entries: [entry('a'), entry('b', { ttl: 5 })],
    leases: [lease('a', -500), lease('b', -500)],
    inTouch: 0,
    expect: { next: 5000 },
  },
  'the longer of lease and watch counts': {
    entries: [entry('a')],
    leases: [lease('a', 25)],
    inTouch: 20,
    expect: { next: 25_000 },
  },
  'each TTL is its own': {
    entries: [entry('a', { ttl: 10 }), entry('b', { ttl: 100 })],
    leases: [lease('a', -1), lease('b', -1)],
    inTouch: 50,
    expect: { stale: [name('a')], next: 50_000 },
  },
  'no lease for an entry: a full TTL': {
    entries: [entry('a', { ttl: 7 })],
    expect: { grant: [{ ...name('a'), ttl: 7 }], next: 7000 },
  },
  'no lease for a stale entry: a full TTL too, before it may go': {
    entries: [entry('a', { staleAt: ago(1e4) })],
    expect: { grant: [{ ...name('a'), ttl: 30 }], next: 30_000 },
  },
  'a deadline beyond now + TTL is pulled back': {
    entries: [entry('a', { ttl: 7 })],
    leases: [lease('a', 7.001)],
    expect: { pullBack: [{ ...name('a'), ttl: 7 }], next: 7000 },
  },
  'a stale one is pulled back as well': {
    entries: [entry('a', { staleAt: ago(1e4) })],
    leases: [lease('a', 3600)],
    expect: { pullBack: [{ ...name('a'), ttl: 30 }], next: 30_000 },
  },
  'a deadline at exactly now + TTL is not': {
    entries: [entry('a', { ttl: 7 })],
    leases: [lease('a', 7)],
    expect: { next: 7000 },
  },
  'a lease without an entry goes': { leases: [lease('a', 20)], expect: { drop: [name('a')] } },
  'a lease of an older generation goes, and ends nothing': {
    entries: [entry('a', { generation: 'new' })],
    leases: [lease('a', -500, 'old'), lease('a', 20, 'new')],
    expect: { drop: [name('a', 'old')], next: 20_000 },
  },
  'only an older generation has a lease: the newer gets one': {
    entries: [entry('a', { generation: 'new' })],
    leases: [lease('a', 20, 'old')],
    expect: { drop: [name('a', 'old')], grant: [{ ...name('a', 'new'), ttl: 30 }], next: 30_000 },
  },
  'one from the configuration holds none, and is left alone': {
    entries: [entry('a', { ttl: undefined, generation: undefined, managedBy: 'studio' })],
    expect: {},
  },
  'half a lease is none': {
    entries: [entry('a', { ttl: undefined }), entry('b', { generation: undefined })],
    leases: [lease('a', -1)],
    expect: { drop: [name('a')] },
  },
  'one that is stopped keeps its lease going': {
    entries: [entry('a', { enabled: false })],
    leases: [lease('a', 20)],
    expect: { next: 20_000 },
  },
  'stale, and still to be kept': {
    entries: [entry('a', { staleAt: ago(20) })],
    leases: [lease('a', -20)],
    expect: { next: 40_000 },
  },
  'stale for the whole retention': {
    entries: [entry('a', { staleAt: ago(60) })],
    leases: [lease('a', -60)],
    expect: { remove: [name('a')] },
  },
  'stale for a millisecond less': {
    entries: [entry('a', { staleAt: ago(59.999) })],
    leases: [lease('a', -60)],
    expect: { next: 1 },
  },
  'stale for ever, but this replica has just booted': {
    entries: [entry('a', { staleAt: ago(1e4) })],
    leases: [lease('a', -1e4)],
    inTouch: 10,
    expect: { next: 20_000 },
  },
  'stale, and renewed meanwhile: it may come back any moment': {
    entries: [entry('a', { staleAt: ago(1e4) })],
    leases: [lease('a', 12)],
    expect: { next: 12_000 },
  },
  'the soonest of all is the time to look again': {
    entries: [entry('a'), entry('b', { staleAt: ago(50) }), entry('c')],
    leases: [lease('a', 20), lease('b', -50), lease('c', 11)],
    expect: { next: 10_000 },
  },
  'no retention: gone at once': {
    entries: [entry('a', { staleAt: ago(0) })],
    leases: [lease('a', -1)],
    policy: { retention: 0, guard: 600 },
    expect: { remove: [name('a')] },
  },
};

for (const [what, { entries = [], leases = [], inTouch = LONG, policy = POLICY, expect }] of Object.entries(
  table,
))
  t.test(what, async (t) => {
    const duties = leaseDuties(entries, { now: NOW, leases }, () => inTouch * 1000, policy);
    t.strictSame(duties, { ...NOTHING, ...expect });
  });

/** A fleet of which the first ones have been stale for `seconds`, and are to go unless the guard holds them. */
function fleet(size: number, out: number, seconds: number): LeaseDuties {
  const ids = Array.from({ length: size }, (_, i) => `c${i}`);
  const entries = ids.map((id, i) => entry(id, i < out ? { staleAt: ago(seconds) } : {}));
  const leases = ids.map((id, i) => lease(id, i < out ? -seconds : 25));
  return leaseDuties(entries, { now: NOW, leases }, () => LONG, POLICY);
}

t.test('the guard', async (t) => {
  const cases: [size: number, out: number, held: boolean][] = [
    ...([
      [1, 1, false],
      [2, 1, false],
      [2, 2, false],
    ] as [number, number, boolean][]),
    ...([
      [3, 1, false],
      [3, 2, true],
      [3, 3, true],
    ] as [number, number, boolean][]),
    ...([
      [4, 2, false],
      [4, 3, true],
      [10, 5, false],
      [10, 6, true],
      [10, 10, true],
    ] as [number, number, boolean][]),
  ];
  for (const [size, out, held] of cases) {
    const of = `${out} of ${size} are out`;
    t.equal(fleet(size, out, 100).remove.length, held ? 0 : out, `${of}: ${held ? 'held' : 'not held'} back`);
    t.equal(fleet(size, out, 659).remove.length, held ? 0 : out, `${of}: just before its end`);
    t.equal(fleet(size, out, 660).remove.length, out, `${of}: it ends by time`);
  }
  t.equal(fleet(3, 2, 659).next, 1000, 'and says when');
  t.strictSame(fleet(3, 2, 100).stale, []);
});

t.test('the guard ends as soon as half of the fleet is back', async (t) => {
  t.equal(fleet(10, 6, 100).remove.length, 0);
  t.equal(fleet(10, 5, 100).remove.length, 5);
});

t.test('the guard holds removal back, not staleness', async (t) => {
  const entries = ['a', 'b', 'c', 'd'].map((id) => entry(id, id === 'd' ? {} : { staleAt: ago(100) }));
  const leases = ['a', 'b', 'c', 'd'].map((id) => lease(id, -100));
  const duties = leaseDuties(entries, { now: NOW, leases }, () => LONG * 1000, POLICY);
  t.strictSame(duties, { ...NOTHING, stale: [name('d')], next: 560_000 });
});

t.test('the configuration does not count as fleet', async (t) => {
  const configured = ['x', 'y', 'z'].map((id) => entry(id, { ttl: undefined, generation: undefined }));
  const out = ['a', 'b', 'c'].map((id) => entry(id, { staleAt: ago(100) }));
  const leases = ['a', 'b', 'c'].map((id) => lease(id, -100));
  t.strictSame(leaseDuties([...configured, ...out], { now: NOW, leases }, () => LONG, POLICY).remove, []);
});

t.test('a region ends when its lease has run out, without retention', async (t) => {
  const lasting = (id: string, ttl = 30) => ({ id, generation: 'g', ttl });
  const duties = (regions: LeaseTerm[], leases: Lease[], seconds = LONG) =>
    leaseDuties(
      [entry('a')],
      { now: NOW, leases: [lease('a', 25), ...leases] },
      () => seconds * 1000,
      POLICY,
      regions,
    );
  const quiet = { ...NOTHING, next: 25_000 };
  t.strictSame(duties([lasting('Ra')], [lease('Ra', 20)]), { ...NOTHING, next: 20_000 });
  t.strictSame(duties([lasting('Ra')], [lease('Ra', 0)]), { ...quiet, release: [name('Ra')] });
  t.strictSame(
    duties([lasting('Ra')], [lease('Ra', -5)], 29),
    { ...NOTHING, next: 1000 },
    'not watched for a TTL',
  );
  t.strictSame(duties([lasting('Ra')], []), { ...quiet, grant: [lasting('Ra')] }, 'a store that lost it');
  t.strictSame(duties([lasting('Ra', 20)], [lease('Ra', 40)]), {
    ...NOTHING,
    pullBack: [lasting('Ra', 20)],
    next: 20_000,
  });
  t.strictSame(duties([], [lease('Ra', 9)]), { ...quiet, drop: [name('Ra')] }, 'a region that is no more');
  t.strictSame(duties([lasting('Ra')], [lease('Ra', 30), lease('Ra', 9, 'older')]), {
    ...quiet,
    drop: [name('Ra', 'older')],
  });
});

// A fleet of ten thousand was looked through in one go, every second: 70 ms for which nobody else was served.
t.test('a large fleet is looked through in steps', async (t) => {
  const ids = Array.from({ length: 10 * STEP }, (_, i) => `c${i}`);
  const entries = ids.map((id) => entry(id));
  const leases = ids.map((id) => lease(id, -1));
  const steps = dutiesInSteps(
    { compositors: entries, regions: [] },
    { now: NOW, leases },
    () => LONG,
    POLICY,
  );
  let pauses = 0;
  for (;;) {
    const step = steps.next();
    if (step.done) {
      t.strictSame(
        step.value.stale,
        ids.map((id) => name(id)),
      );
      break;
    }
    pauses += 1;
  }
  t.ok(pauses >= 20, `for the leases and for the entries: ${pauses}`);
});

t.test('a lease has a name, and the name says which', async (t) => {
  t.equal(leaseKey(name('a.b-c', 'Zm9v_-')), 'a.b-c:Zm9v_-');
  t.strictSame(parseLeaseKey('a.b-c:Zm9v_-'), name('a.b-c', 'Zm9v_-'));
  t.not(leaseKey(name('a', 'b')), leaseKey(name('ab', '')));
});

t.test('who holds a lease', async (t) => {
  t.equal(isLeased(entry('a')), true);
  t.equal(isLeased(entry('a', { ttl: undefined })), false);
  t.equal(isLeased(entry('a', { generation: undefined })), false);
});
