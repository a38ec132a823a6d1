import t from 'tap';
import { StoreUnreachable, type Store } from '../../../src/domain/store.ts';
import { measuredStore, StoreCalls } from '../../../src/services/manifest/measured-store.ts';
import { StoreSize } from '../../../src/services/manifest/store-size.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A store of which only this is called here, and which has private fields, as the real ones do. */
class SlowStore {
  readonly kind = 'slow';
  readonly #clock: ManualClock;
  #closed = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async head(): Promise<string> {
    await this.#clock.advance(30);
    return `after ${this.#closed} ends`;
  }

  async renew(): Promise<boolean[]> {
    await this.#clock.advance(1500);
    throw new StoreUnreachable('it is away');
  }

  async close(): Promise<void> {
    this.#closed += 1;
  }
}

t.test('calls are measured, those that fail too, and the store stays what it is', async (t) => {
  const clock = new ManualClock();
  const calls = new StoreCalls();
  const slow = new SlowStore(clock);
  const store = measuredStore(slow as unknown as Store, { clock, calls });
  t.equal(store.kind, 'slow');
  await store.close();
  t.equal(await store.head(), 'after 1 ends');
  await t.rejects(store.renew([]), StoreUnreachable);
  t.equal(calls.durations.get('head')!.sum, 0.03);
  t.equal(calls.durations.get('renew')!.sum, 1.5);
  t.equal(calls.failures.get('head'), 0);
  t.equal(calls.failures.get('renew'), 1);
  t.notOk('check' in store, 'what a store does not have is not there');
});

t.test('the size is measured now and then; a store that is away has none', async (t) => {
  const clock = new ManualClock();
  let bytes: number | undefined = 4096;
  let asked = 0;
  const size = new StoreSize({
    clock,
    measure: async () => {
      asked += 1;
      if (bytes === undefined) throw new StoreUnreachable('it is away');
      return bytes;
    },
  });
  size.start();
  await clock.advance(0);
  t.equal(size.bytes, 4096, 'from the start on');
  bytes = 8192;
  await clock.advance(15_000);
  t.equal(size.bytes, 8192);
  bytes = undefined;
  await clock.advance(15_000);
  t.equal(size.bytes, undefined);
  size.stop();
  await clock.advance(60_000);
  t.equal(asked, 3);
});

t.test('a measurement that hangs is one, not one more every 15 s', async (t) => {
  const clock = new ManualClock();
  let asked = 0;
  const size = new StoreSize({
    clock,
    measure: () => {
      asked += 1;
      return new Promise(() => undefined);
    },
  });
  size.start();
  await clock.advance(120_000);
  t.equal(asked, 1);
  size.stop();
});
