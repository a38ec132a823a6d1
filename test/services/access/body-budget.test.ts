import fc from 'fast-check';
import t from 'tap';
import { BodyBudget } from '../../../src/services/access/body-budget.ts';
import { law } from '../../domain/law.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const MIB = 2 ** 20;

t.test('one client has half of all room', (t) => {
  const budget = new BodyBudget({ total: 4 * MIB, clock: new ManualClock() });
  const none = () => t.fail('nothing gives way to the same client');
  const first = budget.open(['a', 'token x'], none);
  first.grow(2 * MIB);
  for (const clients of [['a'], ['b', 'token x']])
    t.throws(() => budget.open(clients, none).grow(1), { message: /of this client/ });
  budget.open(['b'], none).grow(2 * MIB);
  first.close();
  first.close();
  t.equal(budget.used, 2 * MIB);
  budget.open(['a'], none).grow(2 * MIB);
  t.equal(budget.refused, 2);
  t.end();
});

t.test(
  'what has been on its way for longest gives way; what began just now, and what has arrived, does not',
  async (t) => {
    const clock = new ManualClock();
    const budget = new BodyBudget({ total: 4 * MIB, clock });
    const gone: string[] = [];
    const take = (name: string) => {
      const room = budget.open([name], ({ kind }) => gone.push(`${name} ${kind}`));
      room.grow(MIB);
      return room;
    };
    const arrived = take('arrived');
    arrived.arrived();
    take('slow');
    await clock.advance(1000);
    take('new');
    take('newer');
    take('another');
    t.strictSame(gone, ['slow overloaded']);
    t.throws(() => take('one more'), { message: /too many request bodies/ });
    arrived.close();
    take('one more');
    t.equal(budget.used, 4 * MIB);
    t.equal(budget.refused, 2);
  },
);

law(
  t,
  'never more than all room is taken, nor by one client than half, and at the end none is',
  [
    fc.array(
      fc.record({
        client: fc.nat(3),
        body: fc.nat(9),
        bytes: fc.integer({ min: 1, max: 40 }),
        close: fc.boolean(),
      }),
      { maxLength: 200 },
    ),
  ],
  (steps) => {
    const clock = new ManualClock();
    const budget = new BodyBudget({ total: 100, clock });
    const open = new Map<number, { client: number; bytes: number; room: ReturnType<BodyBudget['open']> }>();
    for (const { client, body, bytes, close } of steps) {
      void clock.advance(bytes * 10);
      const entry = open.get(body) ?? {
        client,
        bytes: 0,
        room: budget.open([String(client)], () => void open.delete(body)),
      };
      open.set(body, entry);
      try {
        if (close) entry.room.close();
        else entry.room.grow(bytes);
        if (close) open.delete(body);
        else entry.bytes += bytes;
      } catch {
        entry.room.close();
        open.delete(body);
      }
      const all = [...open.values()];
      const sum = (entries: typeof all) => entries.reduce((total, each) => total + each.bytes, 0);
      if (budget.used !== sum(all) || budget.used > 100) throw new Error(`${budget.used}, not ${sum(all)}`);
      for (let each = 0; each < 4; each++)
        if (sum(all.filter((other) => other.client === each)) > 50) throw new Error(`${each} has too much`);
    }
    for (const { room } of open.values()) room.close();
    if (budget.used !== 0) throw new Error('something is left');
  },
);
