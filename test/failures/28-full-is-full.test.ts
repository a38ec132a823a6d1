// FAILURES 28. Full is full, not dead: one client with `write` published or registered until the process ran out of memory,
// and the store it left behind ended every process after it.
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { Json } from '../support/json.ts';
import { MAIN, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { Program } from '../support/program.ts';

/** MiB: what V8 takes as its heap in a container of 512 MiB. */
const HEAP = 256;
const MEMORY = 512;
/** Text that takes two bytes a character in memory, and four in UTF-8 for every two of them. */
const long = (length: number) => '🂡'.repeat(length);

async function send(daemon: Daemon, method: string, path: string, body?: object) {
  const reply = await fetch(daemon.url + path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: reply.status, json: (await reply.json()) as Json };
}

const start = (t: Test, dir: string, env: Record<string, string> = {}) =>
  startDaemon(t, { dir, env: { NODE_OPTIONS: `--max-old-space-size=${HEAP}`, ...env } });

/** MiB of the process that a container counts and cannot take back. */
function memoryOf({ pid }: Daemon): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+([0-9]+)/.exec(status)?.[1]) / 1024;
}

/** Sends `write(0)`, `write(1)`, ... four at a time, until one is refused; resolves to how many were accepted, and the refusal. */
async function fill(
  write: (i: number) => ReturnType<typeof send>,
): Promise<{ count: number; refusal: Json }> {
  let [next, count] = [0, 0];
  let refusal: Json;
  const client = async () => {
    while (refusal === undefined) {
      const i = next++;
      let reply = await write(i);
      // On a busy machine the store may take too long; the same write again is one commit.
      while (reply.status === 503) reply = await write(i);
      if (reply.status < 300) count += 1;
      else refusal = reply.json;
    }
  };
  await Promise.all([client(), client(), client(), client()]);
  return { count, refusal };
}

const tiles = (y: number, name: string) =>
  Object.fromEntries(Array.from({ length: 900 }, (_, x) => [`${x},${y}`, { brick: long(250) + name }]));

t.test('publishing until it is refused', { timeout: 300_000 }, async (t) => {
  const dir = await temporaryFolder(t);
  const daemon = await start(t, dir);
  t.equal((await send(daemon, 'PUT', '/compositors/wall', { name: 'wall', ttl: 86_400 })).status, 201);
  const publish = (y: number, name: string) =>
    send(daemon, 'PATCH', '/compositors/wall/tiles', tiles(y, name));
  const { count, refusal } = await fill((i) => publish(i, 'a'));
  t.match(refusal, { type: '/problems/quota-exceeded', quota: { quota: 'quota.bytes' } });
  t.ok(count > 20, `${count} writes of 900 tiles were accepted`);
  // The history fills, too: every tile is replaced again and again.
  for (let i = 0; i < 40; i++) {
    const reply = await publish(i % count, `${i % 10}`);
    t.ok([200, 503].includes(reply.status), `a replacement is accepted: ${reply.status}`);
  }
  t.ok(memoryOf(daemon) < MEMORY, `it takes ${Math.round(memoryOf(daemon))} MiB`);
  const { json: before } = await send(daemon, 'GET', '/health');
  await daemon.stop('SIGKILL');

  const again = await start(t, dir);
  const { json: after } = await send(again, 'GET', '/health');
  t.strictSame([after.cursor, after.tiles, after.status], [before.cursor, before.tiles, 'pass']);
  t.ok(memoryOf(again) < MEMORY, `it takes ${Math.round(memoryOf(again))} MiB after the restart`);
  await again.stop();

  const lowered = await start(t, dir, { COMPOSITORD_QUOTA_TILES: '1000' });
  t.match((await send(lowered, 'GET', '/health')).json, {
    status: 'warn',
    tiles: before.tiles as number,
    quotas: { tiles: { used: before.tiles as number, limit: 1000 } },
  });
  t.match(lowered.stderr, /"quota":"quota.tiles","limit":1000,.*the manifest exceeds its quotas/);
  const key = `0,${count + 1}`;
  const more = await send(lowered, 'PATCH', '/compositors/wall/tiles', { [key]: { brick: 'b' } });
  t.match(more.json, { quota: { quota: 'quota.tiles', limit: 1000 } });
  t.equal((await send(lowered, 'PATCH', '/compositors/wall/tiles', { '0,0': null })).status, 200);
  await lowered.stop();

  const args = [MAIN, 'serve', '--listen=127.0.0.1:0', `--store=file:${dir}/store`];
  const env = { NODE_OPTIONS: '--max-old-space-size=50' };
  const small = new Program(t, process.execPath, args, { cwd: dir, env });
  t.equal((await small.exited).code, 1, 'a store that does not fit ends the process, in order');
  t.match(small.stderr, /^compositord serve: The store holds more than this process can serve: .*\n$/m);
  t.notMatch(small.stderr, /out of memory/);
});

t.test('registering until it is refused', { timeout: 240_000 }, async (t) => {
  const dir = await temporaryFolder(t);
  const daemon = await start(t, dir);
  const labels = Object.fromEntries(Array.from({ length: 29 }, (_, i) => [`label-${i}`, long(250)]));
  const { count, refusal } = await fill((i) =>
    send(daemon, 'PUT', `/compositors/c${i}`, { name: 'c', ttl: 86_400, labels }),
  );
  t.match(refusal, { type: '/problems/quota-exceeded', quota: { quota: 'quota.bytes' } });
  t.ok(count > 100, `${count} compositors were registered`);
  t.ok(memoryOf(daemon) < MEMORY, `it takes ${Math.round(memoryOf(daemon))} MiB`);
  await daemon.stop('SIGKILL');
  const again = await start(t, dir);
  t.match((await send(again, 'GET', '/health')).json, { compositors: count, status: 'pass' });
  t.equal((await send(again, 'DELETE', '/compositors/c0')).status, 200);
});
