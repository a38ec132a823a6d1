import type { Test } from 'tap';
import type { Store } from '../../src/domain/store.ts';
import { STORE_FEATURES, type StoreFeature } from '../../src/domain/store-feature.ts';

/** One store, empty at first, and what a test may do to it from outside. */
export interface StoreWorld {
  /** One more client of the same data; the world closes it in the end. */
  open(): Promise<Store>;
  /** The data disappears under the open stores, as FLUSHALL makes it; resolves when that is done. */
  wipe(): Promise<void>;
  /** How many tiles lie in the store, those that do not count any more included, and how many withdrawals are not swept. */
  stored(): Promise<{ tiles: number; withdrawn: number }>;
  /** What whoever opens it must know, by its layout. */
  feature(): Promise<StoreFeature>;
  /** The clock by which leases run out moves on by at least `ms`. A store whose clock cannot be set waits for it. */
  advance(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

export type WorldFactory = (t: Test) => Promise<StoreWorld>;

/** The feature with which a layout begins. */
export function featureOf(formats: Readonly<Record<StoreFeature, number>>, format: unknown): StoreFeature {
  const feature = STORE_FEATURES.find((each) => String(formats[each]) === String(format));
  if (!feature) throw new Error(`there is no format ${String(format)}`);
  return feature;
}

/** Makes a world that lives as long as the test `t`. */
export async function worldFor(t: Test, factory: WorldFactory): Promise<StoreWorld> {
  const world = await factory(t);
  t.teardown(() => world.dispose());
  return world;
}
