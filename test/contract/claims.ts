import type { Test } from 'tap';
import type { Claims } from '../../src/domain/claims.ts';

/** One set of claims, empty at first. */
export interface ClaimsWorld {
  /** One more client; closed by the world in the end. */
  open(): Promise<Claims>;
  /** The clock by which claims run out moves on by at least `ms`. */
  advance(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

/** What every adapter of `domain/claims.ts` must do. Waits about 4 s when the clock cannot be set. */
export function claimsContract(t: Test, name: string, factory: (t: Test) => Promise<ClaimsWorld>): void {
  const test = (what: string, body: (t: Test, world: ClaimsWorld) => Promise<void>) =>
    t.test(`${name}: ${what}`, async (t) => {
      const world = await factory(t);
      t.teardown(() => world.dispose());
      await body(t, world);
    });

  test('a free id is given, one that another holds is not, and all see the holders', async (t, world) => {
    const [a, b] = [await world.open(), await world.open()];
    t.same(await a.claim('a', [], 5000), new Map());
    const table = await a.claim('a', ['one', 'two'], 5000);
    t.strictSame(holders(table), { one: 'a', two: 'a' });
    for (const { left } of table.values()) t.ok(left > 0 && left <= 5000, `${left} ms left`);
    t.strictSame(holders(await b.claim('b', ['two', 'three'], 5000)), { one: 'a', two: 'a', three: 'b' });
    t.strictSame(holders(await a.claim('a', [], 5000)), { one: 'a', two: 'a', three: 'b' });
  });

  test('a claim that is renewed lasts, one that is not is free again', async (t, world) => {
    const [a, b] = [await world.open(), await world.open()];
    await a.claim('a', ['kept', 'left'], 3000);
    for (let i = 0; i < 2; i++) {
      await world.advance(1550);
      t.equal(holders(await a.claim('a', ['kept'], 3000))['kept'], 'a');
    }
    t.strictSame(holders(await b.claim('b', ['kept', 'left'], 3000)), { kept: 'a', left: 'b' });
  });

  test('a released id is free at once, and only its holder can release it', async (t, world) => {
    const [a, b] = [await world.open(), await world.open()];
    await a.claim('a', ['one', 'two'], 60_000);
    await b.release('b', ['one']);
    t.strictSame(holders(await b.claim('b', ['one'], 60_000)), { one: 'a', two: 'a' });
    await a.release('a', ['one', 'unknown']);
    t.strictSame(holders(await b.claim('b', ['one'], 60_000)), { one: 'b', two: 'a' });
  });

  test('a deadline further away than its holder may ask for is pulled back', async (t, world) => {
    const [a, b] = [await world.open(), await world.open()];
    await a.claim('a', ['one'], 3_600_000); // as it looks after the clock went back by an hour
    const { holder, left } = (await b.claim('b', ['one'], 300)).get('one')!;
    t.equal(holder, 'a');
    t.ok(left <= 300, `${left} ms left`);
    await world.advance(400);
    t.strictSame(holders(await b.claim('b', ['one'], 300)), { one: 'b' });
  });

  test('clients that race for a thousand ids never both get one, and each is given to one of them', async (t, world) => {
    const names = ['a', 'b', 'c'];
    const clients = await Promise.all(names.map(() => world.open()));
    const ids = Array.from({ length: 1000 }, (_, i) => `id-${i}`);
    const given = await Promise.all(
      names.map(async (name, i) => {
        const mine: string[] = [];
        for (let from = 0; from < ids.length; from += 50) {
          const some = ids.slice(from, from + 50);
          const table = await clients[i]!.claim(name, some, 60_000);
          mine.push(...some.filter((id) => table.get(id)?.holder === name));
        }
        return mine;
      }),
    );
    t.equal(given.flat().length, ids.length);
    t.equal(new Set(given.flat()).size, ids.length);
    const table = await clients[0]!.claim('a', [], 60_000);
    for (const [i, name] of names.entries())
      t.ok(
        given[i]!.every((id) => table.get(id)?.holder === name),
        `${name} holds what it was given`,
      );
  });

  test('closed, it says so', async (t, world) => {
    const claims = await world.open();
    await claims.close();
    await t.rejects(claims.claim('a', ['one'], 1000), { name: 'StoreUnreachable' });
    await claims.close();
  });
}

function holders(table: Awaited<ReturnType<Claims['claim']>>): Record<string, string> {
  return Object.fromEntries([...table].map(([id, { holder }]) => [id, holder]));
}
