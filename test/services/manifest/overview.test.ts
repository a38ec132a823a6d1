import t from 'tap';
import { LongWork } from '../../../src/concurrency/long-work.ts';
import { areasOf } from '../../../src/domain/area.ts';
import type { AreaTree } from '../../../src/domain/area-tree.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import type { Manifest } from '../../../src/domain/patch.ts';
import type { Tile } from '../../../src/domain/tile.ts';
import { overviewOf, WHOLE, type View } from '../../../src/domain/view.ts';
import { OverviewDocuments } from '../../../src/services/manifest/overview-document.ts';
import { Overview } from '../../../src/services/manifest/overview.ts';
import { selected } from '../../support/algebra.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { TestSink } from '../../support/test-sink.ts';
import { world, writes } from '../../support/world.ts';

const ALL = overviewOf(WHOLE, 3);

async function withTiles(t: Parameters<typeof world>[0], tiles: Record<string, string>) {
  const there = await world(t);
  await there.registry.register({ id: 'a', name: 'a' }, 'take');
  await there.publisher.patch('a', writes(tiles, 1000));
  return there;
}

/** A log that keeps what went wrong. */
function errorLog() {
  const errors: string[] = [];
  return {
    errors,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (_: object, message: string) => void errors.push(message),
    },
  };
}

t.test('areas that nobody uses are dropped after a while, and read anew', async (t) => {
  const { replica, publisher } = await withTiles(t, { '0,0': 'b', '9,9': 'b' });
  const clock = new ManualClock();
  const work = new LongWork(clock);
  const overview = new Overview({ copy: replica.copy, work, clock, ...errorLog() });
  const ready = async () => {
    const areas = overview.ready();
    await clock.advance(10);
    return areas;
  };
  const ends = [overview.use(), overview.use()];
  await ready();
  ends[0]!();
  ends[0]!();
  await clock.advance(120_000);
  t.ok(overview.areas, 'one still uses them');
  ends[1]!();
  await clock.advance(59_000);
  t.ok(overview.areas, 'somebody may come back');
  const end = overview.use();
  await clock.advance(120_000);
  t.ok(overview.areas);
  end();
  await clock.advance(61_000);
  t.notOk(overview.areas);
  await publisher.patch('a', writes({ '1,1': 'b' }, 2000));
  t.equal((await ready()).area('0,0', ALL)?.tiles, 2);
});

t.test('an overview that is open keeps them, one that has ended does not', async (t) => {
  const { replica, feed } = await withTiles(t, { '0,0': 'b' });
  const sink = new TestSink(ALL);
  let users = 0;
  const { overview } = replica;
  const use = overview.use.bind(overview);
  overview.use = (lost) => {
    users += 1;
    const end = use(lost);
    return () => {
      users -= 1;
      end();
    };
  };
  sink.connect(feed);
  await sink.untilAt(replica.copy.head);
  t.equal(users, 1);
  sink.cut();
  await sink.until(() => users === 0, 'the end of its use');
});

// What went wrong: an error among the areas came out of the commit, and the feed, which hears of commits later, heard of none.
t.test('when the areas fail, all others hear of the commit, and overviews begin again', async (t) => {
  const { replica, feed, publisher } = await withTiles(t, { '0,0': 'b', '9,9': 'b' });
  const [overview, tiles] = [new TestSink(ALL), new TestSink(WHOLE)];
  for (const sink of [overview, tiles]) {
    sink.connect(feed);
    await sink.untilAt(replica.copy.head);
  }
  const tree = replica.overview.areas as AreaTree;
  const tile: Tile = { brick: 'b', timestamp: 1000, compositor: 'a' };
  tree.apply({ tiles: new Map([['0,0', null]]) }, { tiles: new Map([['0,0', tile]]) });
  const { cursor } = await publisher.patch('a', writes({ '0,0': 'new' }, 2000));
  await tiles.untilAt(cursor);
  t.equal(tiles.copy.tiles.get('0,0')?.brick, 'new');
  await overview.until(({ bye }) => bye !== undefined, 'the bye');
  t.equal(overview.copy.bye, 'overloaded');
  overview.connect(feed);
  await overview.untilAt(cursor);
  t.strictSame(overview.copy.areas, areasOf(replica.copy.manifest.visibleTiles(WHOLE), 3));
  t.equal(overview.copy.counts.snapshots, 1, 'it gets what has changed');
  t.strictSame([...overview.copy.violations, ...tiles.copy.violations], []);
});

t.test('areas that cannot be read are an answer, and are tried again', async (t) => {
  const { replica } = await withTiles(t, { '0,0': 'b' });
  const { copy } = replica;
  const { errors, log } = errorLog();
  const { clock } = await world(t);
  const overview = new Overview({ copy, work: new LongWork(clock), clock, log });
  const visibleIn = copy.manifest.visibleIn.bind(copy.manifest);
  copy.manifest.visibleIn = () => {
    throw new Error('broken');
  };
  let losses = 0;
  overview.use(() => (losses += 1));
  const problem = await overview.ready().catch((error: unknown) => error);
  t.match(problem, { kind: 'overloaded' });
  t.strictSame([errors, losses], [['cannot read the areas of the map'], 1]);
  copy.manifest.visibleIn = visibleIn;
  t.equal((await overview.ready()).area('0,0', ALL)?.tiles, 1);
});

/** Every slice is over at once. */
function hasty(clock: Clock): { clock: Clock; turns: () => number } {
  let [time, turns] = [0, 0];
  return {
    turns: () => turns,
    clock: {
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
      monotonic: () => (time += 10),
      soon: (run) => {
        turns += 1;
        clock.soon(run);
      },
    },
  };
}

t.test('a document is read in slices, and is that of its cursor whatever changes meanwhile', async (t) => {
  const row = (y: number) =>
    Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${8 * i},${y}`, 'b']));
  const { replica, publisher, registry, queries, clock } = await withTiles(t, row(0));
  const { copy, overview } = replica;
  const eager = hasty(clock);
  const documents = new OverviewDocuments({
    copy,
    overview,
    work: new LongWork(eager.clock),
    now: () => queries.now(),
  });
  const states = new Map<string, Manifest>();
  const keep = () => states.set(copy.head, copy.manifest.copy());
  copy.subscribe({ committed: keep });
  keep();
  await registry.register({ id: 'b', name: 'b' }, 'take');
  const views: readonly View[] = [ALL, overviewOf({ compositors: new Set(['b']) }, 4)];
  const done = new AbortController();
  const changing = (async () => {
    for (let n = 0; !done.signal.aborted; n++) {
      if (n % 20 === 10) await registry.leave('b');
      if (n % 20 === 10) await registry.register({ id: 'b', name: `b${n}` }, 'take');
      const changes = { [`${8 * (n % 700)},0`]: n % 3 === 0 ? null : 'x', [`${8 * n},${n}`]: 'y' };
      await publisher.patch(n % 2 === 0 ? 'b' : 'a', writes(changes, 2000 + n));
    }
  })();
  let newer = 0;
  for (let n = 0; n < 6; n++) {
    const view = views[n % 2]!;
    const before = copy.head;
    const { cursor, body } = await documents.make(view, done.signal);
    if (cursor !== before) newer += 1;
    const { areas, compositors } = JSON.parse((body as Buffer).toString()) as Record<string, object>;
    const truth = selected(states.get(cursor)!, view);
    t.strictSame(areas, Object.fromEntries(areasOf(truth.tiles, view.zoom!)));
    t.strictSame(compositors, Object.fromEntries(truth.compositors));
  }
  done.abort();
  await changing;
  t.ok(newer > 0, 'commits came while it was read');
  t.ok(eager.turns() > 100);
});
