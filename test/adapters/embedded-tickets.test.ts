// Of several processes that commit to one folder without a pause, the one that has just committed was first at the lock
// again: another lost 66 times in a row before it won.
import t from 'tap';
import { Tickets } from '../../src/adapters/embedded/tickets.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openBackend } from '../../src/backend.ts';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { forkChild, linesOf } from './child.ts';

/** Losses until the ticket, one to each holder of an earlier one, and some whose ticket was over before its process ran. */
const BOUND = 15;

t.test('a process among busy ones commits after a few tries', async (t) => {
  const path = t.testdir();
  const backend = await openBackend({ store: `file:${path}`, namespace: '' }, new SystemClock(), loud);
  t.teardown(() => closeBackend(backend));
  const author = await Author.join(backend.store);
  const others = [1, 2].map((n) => forkChild(t, 'committing-child.ts', path, `busy-${n}`));
  const counts = others.map((child) => ({ lines: 0, child }));
  for (const count of counts)
    void (async () => {
      for await (const line of linesOf(count.child)) count.lines += line === '' ? 0 : 1;
    })();
  const tries: number[] = [];
  while (tries.length < 60 || counts.some(({ lines }) => lines < 20)) {
    let attempts = 1;
    while (!(await author.send(author.plan([tilePatch({ '9,9': `brick ${tries.length}` })]))).taken)
      attempts += 1;
    if (counts.every(({ lines }) => lines > 0)) tries.push(attempts);
  }
  t.ok(Math.max(...tries) <= BOUND, `tries: ${tries.join(' ')}`);
});

/** Replicas on one bus whose messages arrive at once. */
function replicas(clock: ManualClock, count: number): Tickets[] {
  const listeners: ((message: unknown) => void)[] = [];
  return Array.from({ length: count }, (_, n) => {
    const peerBus = {
      self: `replica ${n}`,
      publish: (_topic: string, message: unknown) => listeners.forEach((listener) => listener(message)),
      subscribe: (_topic: string, listener: (message: unknown) => void) => {
        listeners.push(listener);
        return () => undefined;
      },
    };
    return new Tickets({ clock, peerBus });
  });
}

function lose(tickets: Tickets): void {
  for (let losses = 0; losses < 4; losses++) tickets.lost();
}

t.test('tickets are served in their order, and nobody waits for one whose holder is silent', async (t) => {
  const clock = new ManualClock();
  const [a, b, c] = replicas(clock, 3) as [Tickets, Tickets, Tickets];
  const done: string[] = [];
  lose(a);
  lose(b);
  const waiting = Promise.all(
    Object.entries({ a, b, c }).map(([name, tickets]) => tickets.wait().then(() => done.push(name))),
  );
  await clock.advance(1);
  t.strictSame(done, ['a']);
  a.committed(1);
  await clock.advance(0);
  t.strictSame(done, ['a', 'b']);
  await clock.advance(250);
  await waiting;
  t.strictSame(done, ['a', 'b', 'c'], 'b has died');
});

t.test('nonsense on the bus is no ticket, and no ticket lasts', async (t) => {
  const clock = new ManualClock();
  let hear: (message: unknown) => void = () => undefined;
  const tickets = new Tickets({
    clock,
    peerBus: {
      self: 'me',
      publish: () => undefined,
      subscribe: (_topic, listener) => {
        hear = listener;
        return () => undefined;
      },
    },
  });
  for (const message of [undefined, null, 'x', {}, { replica: 'you' }, { replica: 'you', ms: '9' }])
    hear(message);
  hear({ replica: 'you', ms: NaN });
  await tickets.wait();
  hear({ replica: 'you', ms: 1e9 });
  let free = false;
  const waiting = tickets.wait().then(() => (free = true));
  await clock.advance(249);
  t.notOk(free);
  await clock.advance(1);
  await waiting;
  tickets.stop();
});
