import type { Test } from 'tap';
import type { Clock } from '../../src/domain/clock.ts';
import type { Store } from '../../src/domain/store.ts';
import { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { openFolder } from '../../src/adapters/embedded/folder.ts';
import { FORMATS, type Tables } from '../../src/adapters/embedded/tables.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { featureOf, type StoreWorld } from '../contract/store-world.ts';

/** Real time whose wall clock can be moved on, so that leases run out without waiting. */
export class ShiftedClock implements Clock {
  readonly #real = new SystemClock();
  #shift = 0;

  now(): number {
    return this.#real.now() + this.#shift;
  }

  monotonic(): number {
    return this.#real.monotonic() + this.#shift;
  }

  soon(run: () => void): void {
    this.#real.soon(run);
  }

  after(ms: number, run: () => void): () => void {
    return this.#real.after(ms, run);
  }

  shift(ms: number): void {
    this.#shift += ms;
  }
}

/** A world of embedded stores in a folder of its own. */
export async function embeddedWorld(t: Test, sweepCount?: number): Promise<StoreWorld> {
  const path = t.testdir();
  const clock = new ShiftedClock();
  const stores: Store[] = [];
  return {
    async open() {
      const store = await EmbeddedStore.open({ path, clock, ...(sweepCount && { sweepCount }) });
      stores.push(store);
      return store;
    },
    wipe: () =>
      tamper(path, ({ log, tiles, compositors, regions, withdrawn, leases, meta }) => {
        for (const table of [log, tiles, compositors, regions, withdrawn, leases, meta]) table.clearSync();
      }),
    async stored() {
      let stored = { tiles: 0, withdrawn: 0 };
      await tamper(path, ({ tiles, withdrawn }) => {
        stored = { tiles: tiles.getCount(), withdrawn: withdrawn.getCount() };
      });
      return stored;
    },
    async feature() {
      let format: unknown;
      await tamper(path, ({ meta }) => (format = meta.get('format')));
      return featureOf(FORMATS, format);
    },
    async advance(ms) {
      clock.shift(ms);
    },
    async dispose() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

/** Changes what is in the folder behind the back of every store. */
export async function tamper(path: string, work: (tables: Tables) => void): Promise<void> {
  const clock = new SystemClock();
  const folder = await openFolder(path);
  try {
    await folder.transact(clock, () => work(folder.tables));
  } finally {
    await folder.release(() => undefined, clock);
  }
}
