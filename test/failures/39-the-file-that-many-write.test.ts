// FAILURES 39. Programs like Geometry OS's `manifest_writer.rs` rewrite the shared file from the copy that each read at its start, over what
// others have written since. Whatever they and the compositors of the API do, and however seldom the daemon looks: nobody's newer tile is
// lost, nothing is removed by who did not have it, and what was removed does not come back. One thing is assumed: what a program does first
// (after its start, or that of the daemon, which may not know it) is to set a tile (docs/decisions/0025).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { FileTile } from '../../src/domain/file-tile.ts';
import { FileWorld, plain, StaleWriter, type Order, type Tiles } from '../support/file-world.ts';

const RUNS = 1000;
const WRITERS = 4;
/** In the file when everybody starts. */
const FIRST = Array.from({ length: 14 }, (_, i) => `${(i * 37) % 50},${(i * 11) % 40}`);
const KEYS = [...FIRST, '100,1', '101,1', '102,1', '-40,3', '-41,3', '7,90'];

type Step =
  | {
      readonly kind: 'set' | 'remove';
      readonly who: number;
      readonly key: string;
      readonly isSeen: boolean;
      /** A tile that is set over the API after the file was read, and before what is new in it is committed. */
      readonly meanwhile: string | undefined;
    }
  | { readonly kind: 'api-set'; readonly key: string; readonly isSeen: boolean }
  | { readonly kind: 'api-remove'; readonly key: string; readonly isSeen: boolean }
  | { readonly kind: 'start'; readonly who: number }
  | { readonly kind: 'restart' };

const who = fc.nat({ max: WRITERS - 1 });
const key = fc.constantFrom(...KEYS);
// Most writes are seen alone; some are overwritten by another writer before the daemon looks.
const isSeen = fc.integer({ min: 0, max: 9 }).map((n) => n > 1);
const meanwhile = fc.option(fc.constantFrom(...KEYS, '200,1', '201,1'), { nil: undefined, freq: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), who, key, isSeen, meanwhile }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), who, key, isSeen, meanwhile }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('api-set' as const), key, isSeen }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('api-remove' as const), key, isSeen }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

/** What everybody did to the tiles, and so what must be in the map in the end. */
class Account {
  readonly #set = new Map<string, FileTile[]>();
  readonly #removed = new Map<string, Set<FileTile>>();
  /** Removals that the daemon saw alone, and how many of them it did. */
  readonly removals = { seen: 0, done: 0 };

  set(key: string, tile: FileTile): FileTile {
    this.#set.set(key, [...(this.#set.get(key) ?? []), tile]);
    return tile;
  }

  /** Somebody who had this tile has removed it. */
  remove(key: string, { timestamp }: FileTile): void {
    const removed = this.#removed.get(key) ?? new Set();
    for (const tile of this.#set.get(key) ?? []) if (tile.timestamp <= timestamp) removed.add(tile);
    this.#removed.set(key, removed);
  }

  check(world: FileWorld): void {
    for (const [key, tiles] of this.#set) {
      const there = world.manifest.tile(key);
      for (const tile of tiles) {
        if (this.#removed.get(key)?.has(tile)) continue;
        assert.ok(there && there.timestamp >= tile.timestamp, `${key} of ${tile.timestamp} is lost`);
      }
    }
  }
}

function play(steps: readonly Step[], order: Order, account: Account): void {
  const world = new FileWorld();
  const tileNow = (key: string): FileTile =>
    account.set(key, { brick: `brick ${world.now}.png`, timestamp: world.now });
  const first: Record<string, FileTile> = {};
  for (const each of FIRST) first[each] = tileNow(each);
  world.publish('wall', first);
  world.look();
  let seeds = 1;
  const start = () => new StaleWriter(world.file, (seeds += 7919), order);
  const writers = Array.from({ length: WRITERS }, start);
  /** Those of which the daemon has seen a write: what a program does first is to set a tile. */
  const isKnown = new Set<StaleWriter>();
  /** Who has written what the daemon has not seen. */
  let last: StaleWriter | undefined;
  const write = (writer: StaleWriter, file: Tiles, isSeen: boolean, meanwhile?: string) => {
    world.file = file;
    if (isSeen) isKnown.add(writer);
    last = isSeen ? undefined : writer;
    if (!isSeen) return;
    world.look(() => {
      if (meanwhile === undefined) return;
      world.now += 1;
      world.publish('wall', { [meanwhile]: tileNow(meanwhile) });
    });
  };
  for (const each of steps) {
    world.now += 1;
    // Two writes of one program are not missed one after the other: of each, what it wrote before is known.
    if ('who' in each && each.kind !== 'start' && writers[each.who] === last) world.look();
    if (each.kind === 'restart') {
      world.restart();
      // Of the others the order tells who wrote, also after a restart.
      if (order === 'as-they-came') isKnown.clear();
    } else if (each.kind === 'start') {
      // What it wrote and another overwrote before anybody looked would end with it.
      const before = writers[each.who]!;
      write(before, before.set('0,0', tileNow('0,0')), true);
      world.look();
      writers[each.who] = start();
    } else if (each.kind === 'api-set') {
      world.publish('wall', { [each.key]: tileNow(each.key) });
      if (each.isSeen) world.look();
    } else if (each.kind === 'api-remove') {
      const tile = world.manifest.tile(each.key);
      if (tile?.compositor !== 'wall') continue;
      account.remove(each.key, tile);
      world.publish('wall', { [each.key]: null });
      if (each.isSeen) world.look();
    } else {
      const writer = writers[each.who]!;
      const had = writer.get(each.key);
      if (each.kind === 'set' || !had || !isKnown.has(writer))
        write(writer, writer.set(each.key, tileNow(each.key)), each.isSeen, each.meanwhile);
      else {
        account.remove(each.key, had);
        const before = world.manifest.tile(each.key);
        const counts = each.isSeen && before && JSON.stringify(plain(before)) === JSON.stringify(had);
        write(writer, writer.remove(each.key), each.isSeen, each.meanwhile);
        if (!counts) continue;
        account.removals.seen += 1;
        if (!world.manifest.tile(each.key)) account.removals.done += 1;
      }
    }
  }
  // What a program wrote and another overwrote before anybody looked is in the file again with its next write.
  for (const writer of writers) {
    world.look();
    world.now += 1;
    write(writer, writer.set('0,0', tileNow('0,0')), true);
  }
  account.check(world);
}

for (const order of ['own', 'as-they-came'] as const)
  void t.test(
    `${RUNS} interleavings, tiles written in an order ${order}`,
    { timeout: 110_000 },
    async (t: Test) => {
      const totals = { seen: 0, done: 0 };
      t.doesNotThrow(() =>
        fc.assert(
          fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
            const account = new Account();
            play(steps, order, account);
            totals.seen += account.removals.seen;
            totals.done += account.removals.done;
          }),
          { numRuns: RUNS },
        ),
      );
      t.comment(`${totals.done} of ${totals.seen} removals were done at once`);
      t.ok(totals.seen > 100 && totals.done / totals.seen > 0.5, 'and most removals are done');
    },
  );
