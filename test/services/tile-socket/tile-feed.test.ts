import t, { type Test } from 'tap';
import type { Commit } from '../../../src/domain/commit.ts';
import { relayTypes } from '../../../src/domain/relay-types.ts';
import { parseRect } from '../../../src/domain/view.ts';
import type { MessageSink } from '../../../src/services/tile-socket/message-sink.ts';
import type { ManifestCopy, ManifestListener } from '../../../src/services/manifest/manifest-copy.ts';
import { Relay } from '../../../src/services/relay/relay.ts';
import { TileFeed } from '../../../src/services/tile-socket/tile-feed.ts';
import { eventually } from '../../failures/eventually.ts';
import { fakeBus } from '../../support/fake-bus.ts';
import { world, writes } from '../../support/world.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A socket whose client reads when the test says so. */
class Sink implements MessageSink {
  readonly sent: Record<string, unknown>[] = [];
  draining = false;
  ended = '';

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  ping(): void {
    return undefined;
  }

  cork(): void {
    return undefined;
  }

  uncork(): void {
    return undefined;
  }

  pause(): void {
    return undefined;
  }

  resume(): void {
    return undefined;
  }

  close(code: number, reason: string): void {
    this.ended = `${code} ${reason}`;
  }

  destroy(): void {
    this.ended = 'destroyed';
  }

  /** `x,y brick`, in the order of sending. */
  get tiles(): string[] {
    return this.sent.map(({ x, y, brick }) => `${String(x)},${String(y)} ${String(brick)}`);
  }
}

/** How many entries what `name` of `owner` gives was asked for from now on. */
function counted(owner: object, name: PropertyKey): () => number {
  let count = 0;
  const give = Reflect.get(owner, name) as (...args: unknown[]) => Iterable<unknown>;
  Reflect.set(owner, name, function* (...args: unknown[]) {
    for (const entry of give.apply(owner, args)) {
      count += 1;
      yield entry;
    }
  });
  return () => count;
}

async function feeding(t: Test, options: Parameters<typeof world>[1] = {}) {
  const parts = await world(t, options);
  await parts.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  const { peerBus, receive } = fakeBus();
  const relay = new Relay({ ...parts, peerBus, types: relayTypes([]), log: silent });
  relay.start();
  let tell: ManifestListener = {};
  const copy = {
    get manifest() {
      return parts.replica.copy.manifest;
    },
    get history() {
      return parts.replica.copy.history;
    },
    get head() {
      return parts.replica.copy.head;
    },
    subscribe: (listener: ManifestListener) => parts.replica.copy.subscribe((tell = listener)),
  } as unknown as ManifestCopy;
  const feed = new TileFeed({ ...parts, copy, relay, settings: { heartbeat: 300, maxReaders: 1000 } });
  feed.start();
  t.teardown(() => feed.stop());
  return {
    ...parts,
    feed,
    reload: () => tell.reloaded?.(),
    again: (commit: Commit) => tell.committed?.(commit),
    counts: relay.counts,
    relay: (compositor: string, message: { type: string; [field: string]: unknown }) =>
      receive({
        messages: [
          {
            from: `compositor:${compositor}`,
            compositor,
            type: message.type,
            text: JSON.stringify(message),
          },
        ],
      }),
    open: (view?: string) => {
      const sink = new Sink();
      const rect = view === undefined ? undefined : parseRect(view);
      return { sink, handle: feed.open(sink, { view: rect ? { rect } : {} }) };
    },
    put: (tiles: Record<string, string | null>) => parts.publisher.patch('wall', writes(tiles)),
  };
}

/** A column of cells, each with the brick `name`. */
const column = (x: number, cells: number, name: string | null) =>
  Object.fromEntries(Array.from({ length: cells }, (_, y) => [`${x},${y}`, name]));

t.test('a slow socket gets the last of each cell, once, and nothing that is gone', async (t) => {
  const { open, put } = await feeding(t);
  const { sink, handle } = open();
  sink.draining = true;
  for (let i = 0; i < 100; i++) await put(column(0, 500, `${i}.png`));
  await put({ '0,0': null, '0,1': 'last.png' });
  t.equal(sink.sent.length, 0);
  sink.draining = false;
  handle.drained();
  await eventually(() => sink.sent.length === 499, 'all of them');
  t.equal(new Set(sink.tiles).size, 499);
  t.ok(sink.tiles.includes('0,1 last.png'));
  t.ok(sink.tiles.includes('0,499 99.png'));
  t.notMatch(sink.tiles.join(), /0,0 /);
});

t.test('it stops in the middle when the socket is full, and goes on from there', async (t) => {
  const { open, put } = await feeding(t);
  const { sink, handle } = open();
  const send = sink.send.bind(sink);
  sink.send = (text) => {
    send(text);
    sink.draining = sink.sent.length === 7;
  };
  const other = open();
  await put(column(0, 300, 'a.png'));
  await eventually(() => other.sink.sent.length === 300, 'the fast one has all');
  t.equal(sink.sent.length, 7);
  sink.draining = false;
  handle.drained();
  await eventually(() => sink.sent.length === 300, 'the rest');
  t.equal(new Set(sink.tiles).size, 300);
});

t.test('tiles that came and went while a client did not read are not looked at one by one', async (t) => {
  const { open, put, replica } = await feeding(t);
  const { sink, handle } = open();
  sink.draining = true;
  for (let x = 0; x < 10; x++) {
    await put(column(x, 400, 'a.png'));
    await put(column(x, 400, null));
  }
  await put({ '0,0': 'last.png' });
  const shown = counted(replica.copy.manifest, 'visibleTiles');
  sink.draining = false;
  handle.drained();
  await eventually(() => sink.sent.length > 0, 'what is there');
  t.same(sink.tiles, ['0,0 last.png']);
  t.equal(shown(), 1, 'the map has less to say than the log');
});

// What went wrong: each socket made itself a list of all that a commit sets, in the turn of that commit, and one of the whole
// map when that was loaded anew: 1,000 sockets and 10,000 tiles stopped the daemon for two seconds, and cost half a gigabyte.
t.test(
  'what changed is looked through once, not once for each reader, and not before they read',
  async (t) => {
    const { replica, open, put, again, reload } = await feeding(t);
    await put(Object.assign({}, ...Array.from({ length: 50 }, (_, x) => column(x, 50, 'a.png'))));
    const commit = replica.copy.history.last!;
    const entries = counted(commit.patch.tiles, Symbol.iterator);
    const shown = counted(replica.copy.manifest, 'visibleTiles');
    const squares = Array.from({ length: 100 }, (_, i) =>
      open(`${i % 48},${i % 7},${(i % 48) + 2},${(i % 7) + 2}`),
    );
    const readers = [...squares, ...Array.from({ length: 100 }, () => open())];
    for (const { sink } of readers) sink.draining = true;
    again(commit);
    t.ok(entries() <= 2500, `${entries()}: to find who is touched`);
    for (const { sink, handle } of squares) {
      sink.draining = false;
      handle.drained();
    }
    await eventually(() => squares.every(({ sink }) => sink.sent.length === 9), 'each has its nine');
    t.ok(entries() <= 2 * 2500, `${entries()}: and to find what they see`);
    for (const { sink } of readers) sink.draining = true;
    reload();
    t.equal(shown(), 0);
  },
);

t.test('further back than the log goes, all that the view shows is sent', async (t) => {
  const { open, put, replica } = await feeding(t, { history: { commits: 2, seconds: 0 } });
  await put({ '0,0': 'before.png' });
  const { sink, handle } = open();
  sink.draining = true;
  for (let x = 1; x < 6; x++) await put({ [`${x},0`]: 'a.png', '9,9': `${x}.png` });
  t.ok(replica.copy.history.length < 5);
  sink.draining = false;
  handle.drained();
  await eventually(() => sink.sent.length === 7, 'all of it');
  t.same(sink.tiles.toSorted().slice(-1), ['9,9 5.png']);
  await put({ '1,1': 'b.png' });
  await eventually(() => sink.sent.length === 8, 'and then what changes');
});

t.test('when the history was replaced, all that the view shows is sent anew', async (t) => {
  const { open, put, reload } = await feeding(t);
  await put({ '1,1': 'a.png', '50,50': 'far.png' });
  const { sink } = open('0,0,9,9');
  reload();
  await eventually(() => sink.sent.length > 0, 'what it shows');
  t.same(sink.tiles, ['1,1 a.png']);
});

t.test('what compositors say is passed on; of what a slow socket misses, the last of its kind', async (t) => {
  const { open, relay, put, counts } = await feeding(t);
  const fast = open();
  const slow = open();
  slow.sink.draining = true;
  for (let n = 0; n < 5; n++) {
    relay('wall', { type: 'camera_update', n });
    relay('desk', { type: 'camera_update', n });
    relay('wall', { type: 'cognitive_update', n });
    await eventually(() => fast.sink.sent.length === 3 * (n + 1), 'all three');
  }
  relay('wall', { type: 'camera_update', n: 'x'.repeat(70_000) });
  for (let n = 0; n < 3000; n++) relay(`c${n}`, { type: 'camera_update', n });
  await put({ '0,0': 'a.png' });
  slow.sink.draining = false;
  slow.handle.drained();
  const newest = () => slow.sink.sent.some(({ n }) => n === 2999);
  await eventually(() => newest() && slow.sink.tiles.includes('0,0 a.png'), 'the newest, and the tile');
  t.equal(slow.sink.sent.filter(({ type }) => type === 'camera_update').length, 1024);
  t.same(
    slow.sink.sent.findLast(({ type }) => type === 'camera_update'),
    { type: 'camera_update', n: 2999 },
  );
  t.ok(counts.skipped > 0, 'that some were left out is counted');
});

// What went wrong: with all places taken, a newer message of one that waited already pushed out the oldest of another.
t.test('as many as may wait keep their last word, however often one of them speaks', async (t) => {
  const { open, relay } = await feeding(t);
  const { sink, handle } = open();
  sink.draining = true;
  for (let n = 0; n < 256; n++) relay(`c${n}`, { type: 'camera_update', who: n, n: 0 });
  for (let n = 1; n < 300; n++) relay('c255', { type: 'camera_update', who: 255, n });
  sink.draining = false;
  handle.drained();
  await eventually(() => sink.sent.some(({ who }) => who === 255), 'the last of them');
  t.same(
    sink.sent.map(({ who }) => who),
    Array.from({ length: 256 }, (_, n) => n),
  );
  t.equal(sink.sent.at(-1)!['n'], 299);
});

// What went wrong: relayed messages all came before tiles, so that many who moved their cameras kept a socket from hearing of any tile.
t.test('tiles come between relayed messages, however many of these there are', async (t) => {
  const { open, relay, put } = await feeding(t);
  const { sink, handle } = open();
  sink.draining = true;
  await put({ '0,0': 'a.png' });
  for (let n = 0; n < 1000; n++) relay(`c${n}`, { type: 'camera_update', n });
  sink.draining = false;
  handle.drained();
  await eventually(() => sink.sent.length === 1001, 'all');
  t.ok(sink.sent.findIndex(({ type }) => type === 'tile_update') <= 64);
});

t.test('who is only for some compositors hears only those', async (t) => {
  const { feed, relay } = await feeding(t);
  const sink = new Sink();
  feed.open(sink, { view: { compositors: new Set(['desk']) } });
  relay('wall', { type: 'camera_update', n: 1 });
  relay('desk', { type: 'camera_update', n: 2 });
  await eventually(() => sink.sent.length > 0, 'its camera');
  t.same(sink.sent, [{ type: 'camera_update', n: 2 }]);
});
