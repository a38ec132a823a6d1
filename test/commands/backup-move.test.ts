// 100,000 tiles go from a folder to Redis and back into a folder, while somebody writes all the time.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { readOpening } from '../failures/opening.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { MAIN, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { startRedis } from '../support/redis-server.ts';

const COLUMNS = 5000;
const ROWS = 20;
/** Seconds. */
const BRIEF = 6;

/** A row of tiles. */
const row = (y: number) =>
  Object.fromEntries(Array.from({ length: COLUMNS }, (_, x) => [`${x},${y}`, { brick: `b-${x % 97}-${y}` }]));

async function command(t: Test, cwd: string, ...args: string[]): Promise<string> {
  const program = new Program(t, process.execPath, [MAIN, ...args], { cwd });
  t.match(await program.exited, { code: 0 }, `${args.join(' ')}: ${program.stderr.slice(-400)}`);
  return program.stdout;
}

/** Writes without a pause until it is stopped, which resolves to the cursors of its writes. */
function writing(publisher: HttpPublisher): { stop(): Promise<readonly string[]> } {
  const end = new AbortController();
  const from = publisher.cursors.length;
  const done = (async () => {
    for (let i = 0; !end.signal.aborted; i++) {
      await publisher.patch({
        [`${i % COLUMNS},${i % ROWS}`]: { brick: `again-${i}` },
        [`${-1 - i},-1`]: { brick: 'more' },
      });
      if (i % 50 === 49) await delay(1);
    }
  })();
  return {
    stop: async () => {
      end.abort();
      await done;
      return publisher.cursors.slice(from);
    },
  };
}

const at = async ({ url }: Daemon, cursor: string) =>
  (await send('GET', `${url}/manifest?at=${cursor}`)).body as Record<string, object>;

/** What a daemon holds at a cursor, whichever of them it is. */
async function sameAt(t: Test, a: Daemon, b: Daemon, cursor: string): Promise<void> {
  const [before, after] = [await at(a, cursor), await at(b, cursor)];
  for (const part of ['tiles', 'compositors', 'regions'] as const)
    t.strictSame(after[part], before[part], `the same ${part} at ${cursor}`);
  t.ok(Object.keys(after['tiles']!).length >= COLUMNS * ROWS);
}

t.test('from a folder to Redis and back, under writes', { timeout: 240_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const redis = await startRedis(t);
  const first = await startDaemon(t);
  const wall = await HttpPublisher.join(first.url, 'wall');
  for (let y = 0; y < ROWS; y++) await wall.patch(row(y));
  const region = { compositor: 'wall', rect: '0,0,99,99', purpose: 'a move', ttl: 86_400 };
  t.equal((await send('POST', `${first.url}/regions`, region)).status, 201);
  const brief = await HttpPublisher.join(first.url, 'brief', { ttl: BRIEF });
  await brief.patch({ '-5,-5': { brick: 'brief' } });

  const writes = writing(wall);
  const out = await command(t, folder, 'backup', 'one.gz', `--store=file:${join(first.dir, 'store')}`);
  const later = await writes.stop();
  const [, saved = ''] = / at (\d+-\S+), digest /.exec(out) ?? [];
  t.ok(later.includes(saved) && saved !== later.at(-1), 'of a moment in the middle of the writes');

  await command(t, folder, 'restore', 'one.gz', `--store=${redis.url}`);
  t.match(
    await command(t, folder, 'inspect', redis.url),
    new RegExp(`^digest +${/digest (\S+),/.exec(out)![1]!}, checked$`, 'm'),
  );
  const second = await startDaemon(t, { store: redis.url });
  await sameAt(t, first, second, saved);
  // Whoever had the cursor of the archive goes on from there; a later one is of a history that this store has not.
  t.match(await readOpening(t, `${second.url}/manifest/stream`, saved), { names: /^(?:patch )?synced$/ });
  t.match(await readOpening(t, `${second.url}/manifest/stream`, later.at(-1)), {
    names: /^snapshot /,
    reason: 'reset',
  });
  t.match(
    await send('PUT', `${second.url}/compositors/wall/lease`, {}, { 'lease-generation': wall.generation }),
    {
      status: 200,
    },
  );

  const again = await HttpPublisher.join(second.url, 'wall');
  const more = writing(again);
  const backOut = await command(t, folder, 'backup', 'two.gz', '--url', second.url);
  const laterStill = await more.stop();
  const [, savedAgain = ''] = / at (\d+-\S+), digest /.exec(backOut) ?? [];
  t.ok([again.cursors[0]!, ...laterStill].includes(savedAgain));
  const store = join(folder, 'back');
  await command(t, folder, 'restore', 'two.gz', `--store=file:${store}`);
  const third = await startDaemon(t, { store: `file:${store}` });
  await sameAt(t, second, third, savedAgain);
  t.match(
    await readOpening(t, `${third.url}/manifest/stream`, saved),
    { names: /^patch synced$/ },
    'over two moves',
  );
  await again.patch({ '0,0': { brick: 'the old one still serves' } });

  // Its lease goes on over both moves, and ends.
  await eventually(async () => {
    const { body } = await send('GET', `${third.url}/compositors/brief`);
    return body.status === 'stale';
  }, 'a lease that nobody renews ends');
  t.match(await send('GET', `${third.url}/compositors/wall`), { body: { status: 'registered' } });
});

t.test(
  'a restore that is killed leaves the store as it was, and the next one goes on',
  { timeout: 120_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const redis = await startRedis(t);
    const first = await startDaemon(t);
    const wall = await HttpPublisher.join(first.url, 'wall');
    for (let y = 0; y < ROWS; y++) await wall.patch(row(y));
    const file = join(folder, 'map.gz');
    await command(t, folder, 'backup', file, `--store=file:${join(first.dir, 'store')}`);
    const digest = /^digest .*$/m.exec(await command(t, folder, 'inspect', file))![0];
    for (const store of [`file:${join(folder, 'b')}`, redis.url]) {
      const program = new Program(t, process.execPath, [MAIN, 'restore', file, `--store=${store}`], {
        cwd: folder,
      });
      await program.complains(/^30 %/m);
      await program.stop('SIGKILL');
      t.match(await command(t, folder, 'inspect', store), /^head +0-00000000$/m, 'nothing of it is seen');
      const next = new Program(t, process.execPath, [MAIN, 'restore', file, `--store=${store}`], {
        cwd: folder,
      });
      t.match(await next.exited, { code: 0 });
      t.match(next.stderr, /^An earlier restore was cut after \d+ lines, and was taken up there\.$/m);
      t.equal(/^digest .*$/m.exec(await command(t, folder, 'inspect', store))![0], digest);
    }
  },
);

t.test(
  'a Redis that is full refuses it in one line, and has its room back',
  { timeout: 60_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const redis = await startRedis(t, { args: ['--maxmemory', '6mb', '--maxmemory-policy', 'noeviction'] });
    const first = await startDaemon(t);
    const wall = await HttpPublisher.join(first.url, 'wall');
    for (let y = 0; y < 8; y++) await wall.patch(row(y));
    await command(t, folder, 'backup', 'map.gz', '--url', first.url);
    const args = [MAIN, 'restore', 'map.gz', `--store=${redis.url}`];
    const program = new Program(t, process.execPath, args, { cwd: folder });
    t.match(await program.exited, { code: 1 });
    t.match(
      program.stderr,
      /^compositord restore: the Redis at \S+ cannot be used: OOM .* needs room for both.*\n$/m,
    );
    t.same(await redis.client().keys('*'), []);
  },
);
