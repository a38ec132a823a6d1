import t, { type Test } from 'tap';
import { StoreError, StoreUnreachable, type StoreFault } from '../../../src/domain/store-error.ts';
import { Connectivity } from '../../../src/services/manifest/connectivity.ts';
import { StoreWatch } from '../../../src/services/manifest/store-watch.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const FULL = new StoreUnreachable('OOM command not allowed', { reason: 'full' });
const FROZEN = new StoreUnreachable('it does not answer', { reason: 'frozen' });
const EVICTING: StoreFault = { reason: 'evicting', message: 'its maxmemory-policy is allkeys-lru' };

/** A store whose check finds `finds`, and the log so far, `level state reason` a line. */
function watched(t: Test) {
  const clock = new ManualClock();
  const connectivity = new Connectivity(clock);
  const lines: string[] = [];
  const line = (level: string) => (fields: object) => {
    const { store = {} } = fields as { store?: { state?: string; reason?: string } };
    lines.push([level, store.state, store.reason].filter(Boolean).join(' '));
  };
  const log = { info: line('info'), warn: line('warn'), error: line('error') };
  const world = {
    clock,
    connectivity,
    lines,
    finds: undefined as StoreFault | Error | undefined,
    checks: 0,
  };
  const store = {
    check: async () => {
      world.checks += 1;
      if (world.finds instanceof Error) throw world.finds;
      return world.finds;
    },
  };
  const watch = new StoreWatch({ connectivity, store, clock, log });
  t.teardown(() => watch.stop());
  watch.start();
  connectivity.answered();
  return world;
}

t.test('what nobody writes to is found out by a check, said once, and said to be over once', async (t) => {
  const world = watched(t);
  world.finds = FULL;
  await world.clock.advance(1500);
  t.strictSame(world.lines, ['error refusing full']);
  t.match(world.connectivity.status, { state: 'refusing', reason: 'full', lastError: FULL.message });
  t.notOk(world.connectivity.takesWrites);
  t.ok(world.connectivity.isConnected, 'it is read as before');
  await world.clock.advance(20_000);
  t.equal(world.lines.length, 1);
  world.finds = undefined;
  await world.clock.advance(6000);
  t.strictSame(world.lines.slice(1), ['warn ok']);
  t.ok(world.connectivity.takesWrites);
});

t.test('a store near its limit takes some writes and refuses others: that is one trouble', async (t) => {
  const { clock, connectivity, lines } = watched(t);
  for (let i = 0; i < 50; i++) {
    connectivity.writeFailed(FULL);
    await clock.advance(100);
    connectivity.wrote();
    await clock.advance(100);
  }
  t.strictSame(lines, ['error refusing full']);
  await clock.advance(3000);
  connectivity.wrote();
  await clock.advance(2000);
  t.strictSame(lines, ['error refusing full', 'warn ok']);
});

t.test('one that comes and goes fills no log', async (t) => {
  const { clock, connectivity, lines } = watched(t);
  for (let i = 0; i < 50; i++) {
    connectivity.lost(FROZEN);
    await clock.advance(200);
    connectivity.answered();
    await clock.advance(200);
  }
  t.strictSame(lines, ['error away frozen']);
  await clock.advance(1000);
  t.strictSame(lines, ['error away frozen', 'warn ok']);
});

t.test('what is worse is said at once, and a risk is no alarm', async (t) => {
  const world = watched(t);
  world.finds = EVICTING;
  await world.clock.advance(1000);
  world.connectivity.writeFailed(FULL);
  world.connectivity.lost(FROZEN);
  t.strictSame(world.lines, ['warn at-risk evicting', 'error refusing full', 'error away frozen']);
  t.ok(world.connectivity.status.since > 0);
});

t.test('a refused write gives leases a whole TTL, as a lost connection does', async (t) => {
  const { clock, connectivity } = watched(t);
  for (let i = 0; i < 10; i++) {
    await clock.advance(1000);
    connectivity.answered();
  }
  t.ok(connectivity.connectedFor() >= 10_000);
  connectivity.writeFailed(FULL);
  t.equal(connectivity.connectedFor(), 0);
  await clock.advance(500);
  t.equal(connectivity.connectedFor(), 500);
});

t.test('a bug in a check is logged, and does not end the checks', async (t) => {
  const world = watched(t);
  world.finds = new TypeError('oops');
  await world.clock.advance(2000);
  t.strictSame(world.lines, ['error', 'error']);
  t.match(world.connectivity.status, { state: 'ok' });
  world.finds = new StoreError('gone');
  await world.clock.advance(1000);
  t.match(world.connectivity.status, { state: 'away', reason: 'unreachable' });
});
