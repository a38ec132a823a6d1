import type { Test } from 'tap';
import { GENESIS } from '../../src/domain/cursor.ts';
import type { LeaseName, LeaseTerm } from '../../src/domain/lease.ts';
import type { Batch, Store } from '../../src/domain/store.ts';
import { Author } from './author.ts';
import { loudBatch, stateOf, tilePatch } from './samples.ts';
import { worldFor, type WorldFactory } from './store-world.ts';

const SHORT = { id: 'wall', generation: 'one', ttl: 1 };
const LONG = { ...SHORT, ttl: 60 };
/** Milliseconds after which a lease of {@link SHORT} has run out on any clock. */
const OUTLAST = 1100;

/** Deadlines by the store's own clock, under the same head compare as everything else. */
export async function leaseContract(t: Test, factory: WorldFactory): Promise<void> {
  const start = async (t: Test) => {
    const world = await worldFor(t, factory);
    const author = await Author.join(await world.open());
    const send = (rest: Partial<Batch>) => author.send(author.plan([], rest));
    return { world, author, store: author.store, send };
  };

  await t.test('a grant sets the deadline and costs no revision', async (t) => {
    const { world, store, send } = await start(t);
    t.same(await send({ grants: [LONG, { id: 'desk', generation: 'two', ttl: 1800 }] }), { taken: true });
    t.equal(await store.head(), GENESIS);
    for (const client of [store, await world.open()]) {
      t.equal((await client.leases()).leases.length, 2);
      closeTo(t, await left(client, LONG), 60_000);
      closeTo(t, await left(client, { id: 'desk', generation: 'two' }), 1_800_000);
    }
  });

  await t.test('a renewal moves the deadline on, and says when there is no such lease', async (t) => {
    const { world, store, send } = await start(t);
    await send({ grants: [SHORT] });
    const strangers: LeaseTerm[] = [
      { ...LONG, generation: 'other' },
      { ...LONG, id: 'other' },
    ];
    t.same(await store.renew([LONG, ...strangers]), [true, false, false]);
    t.same(await store.renew([]), []);
    t.equal((await store.leases()).leases.length, 1);
    await world.advance(OUTLAST);
    const remaining = await left(store, LONG);
    t.ok(remaining > 1000 && remaining <= 60_000 - OUTLAST + 10, `${remaining} ms are left`);
    t.equal(await store.head(), GENESIS);
  });

  await t.test('a renewal moves a deadline back, too', async (t) => {
    const { store, send } = await start(t);
    await send({ grants: [LONG] });
    t.same(await store.renew([{ ...LONG, ttl: 5 }]), [true]);
    closeTo(t, await left(store, LONG), 5000);
    await send({ grants: [{ ...LONG, ttl: 20 }] });
    closeTo(t, await left(store, LONG), 20_000);
  });

  await t.test('a lease that ran out stays until it is dropped, and may be renewed until then', async (t) => {
    const { world, store, send } = await start(t);
    await send({ grants: [SHORT] });
    await world.advance(OUTLAST);
    t.ok((await left(store, SHORT)) <= 0);
    t.same(await store.renew([SHORT]), [true]);
    t.ok((await left(store, SHORT)) > 0);
    t.same(await send({ drops: [SHORT, { id: 'unknown', generation: 'x' }] }), { taken: true });
    t.same((await store.leases()).leases, []);
    t.same(await store.renew([SHORT]), [false]);
  });

  await t.test('a lease granted and dropped in one batch does not exist', async (t) => {
    const { store, send } = await start(t);
    await send({ grants: [LONG], drops: [LONG] });
    t.same((await store.leases()).leases, []);
  });

  await t.test('a batch that calls a running lease expired takes nothing', async (t) => {
    const { author, store, send } = await start(t);
    await send({ grants: [LONG, { id: 'held', generation: 'g', ttl: 60 }] });
    await author.write(tilePatch({ '0,0': 'a' }));
    const batch = { ...loudBatch(author.plan([tilePatch({ '0,0': null })])), expired: [LONG] };
    t.same(await store.commit(batch), {
      taken: false,
      why: 'lease',
      missed: { head: author.head, commits: [], found: true },
    });
    t.equal((await stateOf(store)).manifest.tiles.size, 1);
    t.equal((await stateOf(store)).log.length, 1);
    t.same((await store.leases()).leases.map(({ id }) => id).sort(), ['held', 'wall']);
    t.match(await store.commit({ ...batch, expect: GENESIS }), { taken: false, why: 'head' });
  });

  await t.test('a batch is taken when the leases it calls expired ran out or do not exist', async (t) => {
    const { world, author, store, send } = await start(t);
    await send({ grants: [SHORT, { ...LONG, id: 'desk' }] });
    await world.advance(OUTLAST);
    const unknown = { id: 'unknown', generation: 'x' };
    t.same(await author.send(author.plan([tilePatch({ '0,0': 'a' })], { expired: [SHORT, unknown] })), {
      taken: true,
    });
    const mixed = author.plan([tilePatch({ '0,0': 'b' })], { expired: [SHORT, { ...LONG, id: 'desk' }] });
    t.match(await author.send(mixed), { taken: false, why: 'lease' }, 'one that runs is enough');
    await store.renew([SHORT]);
    const late = author.plan([tilePatch({ '0,0': 'c' })], { expired: [SHORT] });
    t.match(await author.send(late), { taken: false, why: 'lease' }, 'renewed in time');
    t.equal((await stateOf(store)).manifest.tiles.get('0,0')?.brick, 'a');
  });

  await t.test('generations of one id are leases of their own', async (t) => {
    const { world, author, store, send } = await start(t);
    const [one, two] = [SHORT, { ...LONG, generation: 'two' }];
    await send({ grants: [one] });
    await world.advance(OUTLAST);
    await send({ grants: [two] });
    t.same((await store.leases()).leases.map(({ generation }) => generation).sort(), ['one', 'two']);
    t.same(await author.send(author.plan([], { expired: [one], drops: [one] })), { taken: true });
    t.same(await store.renew([one, two]), [false, true]);
    t.match(await author.send(author.plan([], { expired: [two] })), { taken: false, why: 'lease' });
  });
}

/** Milliseconds until `lease` runs out, by the store's clock. */
async function left(store: Store, lease: LeaseName): Promise<number> {
  const { now, leases } = await store.leases();
  return leases.find((l) => l.id === lease.id && l.generation === lease.generation)!.deadline - now;
}

/** Up to a slow machine: the clock runs on between the grant and the check. */
function closeTo(t: Test, actual: number, expected: number): void {
  t.ok(
    actual <= expected + 10 && actual > expected - 2500,
    `${actual} ms are left, about ${expected} expected`,
  );
}
