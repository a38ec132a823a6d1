// FAILURES 22. Mass expiry: (a) the daemon stands still for 3 TTLs and goes on; (b) 60 % of the compositors fall silent;
// (c) the clock steps by an hour; (d) a restart is slower than the TTL. No live compositor may lose its tiles, the guard
// must exit by itself, and a single one that is really dead goes stale within TTL +- 10 %, not twice that.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { App } from '../../src/app.ts';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { HttpPublisher } from './publisher.ts';
import { SteppedClock } from './stepped-clock.ts';

const FLEET = ['a', 'b', 'c', 'd', 'e'];
/** Seconds. */
const TTL = 3;
const RETENTION = 6;
const GUARD = 15;

/** A daemon on a clock of its own, with five compositors that own a tile each. */
async function fleet(t: Test, options: { folder?: string; clock?: SteppedClock } = {}) {
  const clock = options.clock ?? new SteppedClock();
  const settings = {
    lease: { retention: RETENTION, guard: GUARD },
    ...(options.folder !== undefined && { store: `file:${options.folder}` }),
  };
  const { app } = await build(t, { clock, settings });
  const url = await app.listen();
  const status = (id: string) => app.registry.get(id)?.status;
  const tiles = () => [...app.replica.copy.manifest.copy().tiles.keys()].sort();
  const renew = (id: string) => send('PUT', `${url}/compositors/${id}/lease`);
  /** Seconds go by, while `ids` renew once a second. */
  const live = async (seconds: number, ids: readonly string[]) => {
    for (let i = 0; i < seconds; i++) {
      for (const id of ids) await renew(id);
      await clock.advance(1000, app.store);
    }
  };
  return { app, url, clock, status, tiles, renew, live };
}

async function joinAll(app: App, url: string): Promise<void> {
  for (const [i, id] of FLEET.entries()) {
    const wall = await HttpPublisher.join(url, id, { ttl: TTL });
    await wall.patch({ [`${i},0`]: { brick: id } });
  }
  if (app.replica.copy.manifest.tileCount !== FLEET.length) throw new Error('not all have joined');
}

t.test('one dead compositor: stale within TTL +- 10 %, removed after the retention', async (t) => {
  const { app, url, clock, status, tiles, live } = await fleet(t);
  await joinAll(app, url);
  const others = FLEET.slice(1);
  await live(5, FLEET);
  t.equal(status('a'), 'registered');
  const died = clock.monotonic() - 1000;
  const seen: Record<string, number> = {};
  app.replica.copy.subscribe({
    committed: ({ patch }) => {
      const entry = patch.compositors.get('a');
      seen[entry === null ? 'removed' : (entry?.status ?? 'other')] ??= (clock.monotonic() - died) / 1000;
    },
  });
  await live(TTL + RETENTION + 5, others);
  t.ok(seen['stale']! >= TTL * 0.9 && seen['stale']! <= TTL * 1.1, `stale after ${seen['stale']} s`);
  const removed = seen['removed']! - seen['stale']!;
  t.ok(removed >= RETENTION && removed <= RETENTION + 1.1, `removed ${removed} s later`);
  t.strictSame(tiles(), ['1,0', '2,0', '3,0', '4,0'], 'with its tiles, and nobody else');
  t.strictSame(Object.keys(seen), ['stale', 'removed'], 'in two commits');
});

t.test('(b) 60 % fall silent: stale, held back, and back by themselves', async (t) => {
  const { app, url, clock, status, tiles, renew, live } = await fleet(t);
  await joinAll(app, url);
  await live(5, FLEET);
  const [silent, beating] = [FLEET.slice(0, 3), FLEET.slice(3)];
  await live(TTL + RETENTION + 5, beating);
  t.strictSame(silent.map(status), ['stale', 'stale', 'stale']);
  t.strictSame(beating.map(status), ['registered', 'registered']);
  t.equal(tiles().length, 5, 'the guard holds every tile');

  t.equal((await renew('a')).status, 200, 'one of them comes back');
  t.equal(status('a'), 'registered', 'at once');
  t.equal(tiles().length, 5);
  await clock.advance(500, app.store);
  await live(3, ['a', ...beating]);
  t.strictSame(
    tiles(),
    ['0,0', '3,0', '4,0'],
    'fewer than half are out: the guard is gone by itself, the dead go',
  );
  t.strictSame(FLEET.map(status), ['registered', undefined, undefined, 'registered', 'registered']);
});

t.test('(b) 60 % never come back: the guard does not latch', async (t) => {
  const { app, url, status, tiles, live } = await fleet(t);
  await joinAll(app, url);
  await live(5, FLEET);
  const beating = FLEET.slice(3);
  await live(TTL + RETENTION + GUARD - 2, beating);
  t.equal(tiles().length, 5, 'until its time is over');
  await live(6, beating);
  t.strictSame(tiles(), ['3,0', '4,0'], 'then they go');
  t.strictSame(beating.map(status), ['registered', 'registered']);
});

for (const hour of [3_600_000, -3_600_000]) {
  t.test(`(c) the clock steps by ${hour / 3_600_000} h`, async (t) => {
    const { app, url, clock, status, tiles, live } = await fleet(t);
    await joinAll(app, url);
    await live(5, FLEET);
    const head = app.replica.copy.head;
    clock.set(hour);
    await clock.advance(900, app.store);
    await live(TTL + RETENTION + 5, FLEET);
    t.equal(app.replica.copy.head, head, 'nobody turned stale');
    t.equal(tiles().length, 5);

    const dead = 'a';
    await live(TTL + 2, FLEET.slice(1));
    t.equal(status(dead), 'stale', 'and one that dies after it does so in time');
    clock.set(-hour);
    await live(RETENTION + 5, FLEET.slice(1));
    // Its retention counts from a commit of the other time: it may end early or late, but only its own.
    t.strictSame(tiles().slice(-4), ['1,0', '2,0', '3,0', '4,0'], 'set right again, it harms nobody');
  });
}

t.test('(a) all stand still for 3 TTLs (a laptop, virtual)', async (t) => {
  const { app, url, clock, tiles, live } = await fleet(t);
  await joinAll(app, url);
  await live(5, FLEET);
  const head = app.replica.copy.head;
  clock.sleep(TTL * 3000);
  // The daemon's own timers are late, too, and run before anybody could renew.
  await clock.advance(500, app.store);
  await live(TTL + RETENTION, FLEET);
  t.equal(app.replica.copy.head, head, 'nobody turned stale');
  t.equal(tiles().length, 5);
});

t.test('(d) a restart slower than the TTL', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'compositord-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clock = new SteppedClock();
  const before = await fleet(t, { folder, clock });
  await joinAll(before.app, before.url);
  await before.live(5, FLEET);
  const head = before.app.replica.copy.head;
  await before.app.close();
  clock.sleep((TTL + RETENTION + GUARD) * 3000);

  const after = await fleet(t, { folder, clock });
  t.equal(after.app.replica.copy.head, head);
  await clock.advance((TTL - 1) * 1000, after.app.store);
  t.equal(after.app.replica.copy.head, head, 'all have a whole TTL to be heard of');
  await after.live(RETENTION, FLEET);
  t.equal(after.app.replica.copy.head, head, 'nobody turned stale');
  t.equal(after.tiles().length, 5);
});
