import t from 'tap';
import { LeaseWatch } from '../../src/domain/lease-watch.ts';
import { finish } from '../../src/domain/steps.ts';

const TTL = 10_000;
const KEY = 'a:g';
/** A look at our time `at`, by a store whose clock is `ahead` of ours: the lease then runs until `deadline` by that clock. */
const look = (watch: LeaseWatch, at: number, deadline: number, ahead = 0) =>
  finish(watch.look({ now: at + ahead, leases: [{ id: 'a', generation: 'g', deadline }] }, () => TTL, at));

t.test('a lease was watched since the first look, however long the replica was in touch', async (t) => {
  const watch = new LeaseWatch();
  t.equal(watch.watchedFor(KEY, 1e6, 0), 0);
  look(watch, 5000, 7000);
  t.equal(watch.watchedFor(KEY, 1e6, 5000), 0);
  look(watch, 6000, 7000);
  t.equal(watch.watchedFor(KEY, 1e6, 6000), 1000);
  t.equal(watch.watchedFor(KEY, 200, 6000), 200, 'and no longer than it was in touch');
});

// Frozen for 2.5 s, in which the store's clock jumped twice: the renewal in between could have been an honest one of before.
t.test('after a gap between two looks the watch begins anew', async (t) => {
  const watch = new LeaseWatch();
  look(watch, 0, 9000);
  look(watch, 1000, 9000);
  look(watch, 3500, 9000);
  t.equal(watch.watchedFor(KEY, 1e6, 3500), 0);
  look(watch, 4500, 9000);
  t.equal(watch.watchedFor(KEY, 1e6, 4500), 1000);
});

t.test('a renewal between two looks is believed', async (t) => {
  const watch = new LeaseWatch();
  look(watch, 0, 3000);
  for (const [at, renewed] of [
    [1000, 0],
    [2000, 1900],
    [3000, 2950],
  ] as const) {
    look(watch, at, renewed + TTL);
    t.equal(watch.watchedFor(KEY, 1e6, at), at);
  }
});

// The store's clock went back 2 s and forth again between two looks, and the renewal fell in between.
t.test('a deadline closer than any renewal since the last look could have set it is doubted', async (t) => {
  const watch = new LeaseWatch();
  look(watch, 1000, 5000);
  look(watch, 2000, 1500 - 2000 + TTL);
  t.equal(watch.watchedFor(KEY, 1e6, 2000), 0);
  look(watch, 3000, 1500 - 2000 + TTL);
  t.equal(watch.watchedFor(KEY, 1e6, 3000), 1000, 'and stays so until it has been watched');
  look(watch, 4000, 3500 + TTL);
  t.equal(watch.watchedFor(KEY, 1e6, 4000), 3000, 'or renewed');
});

t.test('a lease that came back with an older server is doubted', async (t) => {
  const watch = new LeaseWatch();
  look(watch, 0, 9000);
  look(watch, 1000, 500 + TTL);
  look(watch, 2000, 9000);
  t.equal(watch.watchedFor(KEY, 1e6, 2000), 0);
});

t.test('a clock that is a little off is not', async (t) => {
  const watch = new LeaseWatch();
  look(watch, 0, 9000);
  look(watch, 1000, TTL, -90);
  look(watch, 2000, 1000 + TTL - 90);
  t.equal(watch.watchedFor(KEY, 1e6, 2000), 2000);
});
