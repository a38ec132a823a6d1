// The daemon's own services on one store: how long one commit of one tile takes on a map of a given size.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedStore } from '../../dist/adapters/embedded/embedded-store.js';
import { SystemClock } from '../../dist/adapters/system-clock.js';
import { LongWork } from '../../dist/concurrency/long-work.js';
import { Publisher } from '../../dist/services/compositors/publisher.js';
import { Replica } from '../../dist/services/manifest/replica.js';
import { answer } from './answer.mjs';
import { ForgetfulStore } from './forgetful-store.mjs';

const quiet = { info() {}, warn() {}, error: console.error };
let replica, publisher, side, folder, store;
let written = 0;

/** `tiles` tiles of one compositor; `kind` is `memory` (our own code alone) or `embedded` (with LMDB and its fsync). */
async function prepare({ tiles, kind }) {
  const clock = new SystemClock();
  folder = mkdtempSync(join(tmpdir(), 'compositord-bench-'));
  store = kind === 'embedded' ? await EmbeddedStore.open({ path: folder, clock }) : new ForgetfulStore();
  const history = { commits: 1000, seconds: 0, bytes: 64 * 1024 * 1024 };
  replica = new Replica({
    store,
    clock,
    name: 'bench',
    history,
    refill: 'never',
    log: quiet,
    work: new LongWork(clock),
  });
  await replica.start();
  publisher = new Publisher({ replica, quotas: {} });
  side = Math.ceil(Math.sqrt(tiles));
  const wall = {
    id: 'wall',
    name: 'wall',
    labels: {},
    capabilities: [],
    enabled: true,
    registeredAt: new Date().toISOString(),
  };
  await replica.submit(() => ({
    patch: { compositors: new Map([['wall', wall]]), tiles: new Map(), regions: new Map() },
    by: 'wall',
    result: undefined,
  }));
  for (let start = 0; start < tiles; start += 10_000) {
    const some = new Map();
    for (let i = start; i < Math.min(tiles, start + 10_000); i++)
      some.set(keyOf(i), { brick: `brick-${i % 97}.png` });
    await publisher.patch('wall', some);
  }
}

const keyOf = (i) => `${i % side},${Math.floor(i / side)}`;

/** So many commits one after the other, or all at once as one batch; microseconds for each, by the clock and by CPU. */
async function commit({ count, together }) {
  const before = process.cpuUsage();
  const started = process.hrtime.bigint();
  const one = () => {
    written += 1;
    const key = keyOf((written * 7919) % (side * side));
    return publisher.patch('wall', new Map([[key, { brick: `new-${written}.png` }]]));
  };
  if (together) await Promise.all(Array.from({ length: count }, one));
  else for (let i = 0; i < count; i++) await one();
  const { user, system } = process.cpuUsage(before);
  return { wall: Number(process.hrtime.bigint() - started) / 1000 / count, cpu: (user + system) / count };
}

async function close() {
  await replica.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

answer({ prepare, commit, close });
