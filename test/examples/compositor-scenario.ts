import type { Test } from 'tap';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { authText, tokenFor } from '../support/tokens.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import type { Run } from './example.ts';

/** What every compositor among the examples must do, in whatever language it is written. `status`: while it runs. */
export async function compositorScenario(
  t: Test,
  [command, ...first]: Run,
  status = 'registered',
): Promise<void> {
  const start = (t: Test, url: string, ...args: string[]) =>
    new Program(t, command, [...first, '--url', url, '--id', 'wall', '--at', '10,-10', ...args]);

  await t.test('it registers, publishes and leaves; a reader sees it all', async (t) => {
    const { daemon, reader } = await watched(t);
    const seen: string[] = [];
    const wall = start(t, daemon.url, '--name', 'Wänd "1"', '--once', '3', '--interval', '0.2');
    await reader.until((r) => note(seen, r) && r.copy.tiles.size >= 2);
    t.match(reader.copy.compositors.get('wall'), { name: 'Wänd "1"' });
    t.strictSame(await wall.exited, { code: 0, signal: null }, wall.stderr);
    await reader.until((r) => r.copy.exact && !r.copy.compositors.has('wall'));
    t.equal(reader.copy.tiles.size, 0, 'its tiles go with it');
    t.match(wall.stdout, /registered wall[^]*published 1[^]*published 3[^]*left/);
    t.ok(seen.includes('10,-10'), 'the first cell was seen');
    t.strictSame(reader.copy.violations, []);
  });

  await t.test('at a daemon that asks for a token', async (t) => {
    const wall = tokenFor('wall', ['write'], ['wall']);
    const { url } = await startDaemon(t, { env: { COMPOSITORD_AUTH: authText(wall) } });
    const args = [...first, '--url', url, '--id', 'wall', '--once', '1', '--interval', '0'];
    const refused = new Program(t, command, args);
    t.match(await refused.exited, { code: 1 });
    t.match(refused.stderr, /cannot register: 401/);
    const taken = new Program(t, command, args, { env: { COMPOSITORD_TOKEN: wall.token } });
    t.strictSame(await taken.exited, { code: 0, signal: null }, taken.stderr);
    t.match(taken.stdout, /published 1\nleft/);
  });

  await t.test('it renews its lease in the background', async (t) => {
    const { daemon, reader } = await watched(t);
    start(t, daemon.url, '--ttl', '1', '--interval', '60');
    await reader.until((r) => r.copy.tiles.size === 2);
    const expiry = async () =>
      Date.parse((await send('GET', `${daemon.url}/compositors/wall`)).body.lease.expiresAt);
    const first = await expiry();
    // Two TTLs on: without renewals it would be stale by then.
    const ceiling = Date.now() + 10_000;
    while ((await expiry()) < first + 2000)
      if (Date.now() > ceiling) throw new Error('the lease was not renewed');
    await reader.until((r) => statusOf(r) === status);
  });

  await t.test('forgotten by the daemon, it registers again and shows all it showed', async (t) => {
    const { daemon, reader } = await watched(t);
    start(t, daemon.url, '--ttl', '2', '--interval', '60');
    await reader.until((r) => r.copy.tiles.size === 2);
    const keys = [...reader.copy.tiles.keys()].sort();
    t.equal((await send('DELETE', `${daemon.url}/compositors/wall`)).status, 200);
    await reader.until((r) => !r.copy.compositors.has('wall'));
    await reader.until((r) => r.copy.compositors.has('wall') && r.copy.tiles.size === 2);
    t.strictSame([...reader.copy.tiles.keys()].sort(), keys);
  });

  await t.test('when another takes its id over, it ends and says why', async (t) => {
    const { daemon, reader } = await watched(t);
    const wall = start(t, daemon.url, '--interval', '0.2');
    await reader.until((r) => r.copy.tiles.size >= 2);
    const taken = await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Twin', instance: 'twin' });
    t.equal(taken.status, 200);
    t.match(await wall.exited, { code: 1 });
    t.match(wall.stderr, /lease-lost|another took over/);
    await reader.untilCursor(taken.body.cursor);
    t.match(reader.copy.compositors.get('wall'), { name: 'Twin' }, 'the twin stays');
  });

  await t.test('where a newer tile of another stands, it says so and goes on', async (t) => {
    const { daemon } = await watched(t);
    await send('PUT', `${daemon.url}/compositors/desk`, { name: 'Desk' });
    const tile = { brick: 'desk.png', timestamp: Date.now() / 1000 + 200 };
    t.equal((await send('PATCH', `${daemon.url}/compositors/desk/tiles`, { '11,-10': tile })).status, 200);
    const wall = start(t, daemon.url, '--interval', '0.05');
    await wall.complains(/not published: .*tile-taken/);
    await wall.prints(/published [3-9]/);
  });

  await t.test('it outlives a restart of the daemon', async (t) => {
    const { daemon, reader } = await watched(t);
    const wall = start(t, daemon.url, '--interval', '0.1');
    await wall.prints(/published 2\b/);
    await daemon.stop();
    const printed = wall.stdout.length;
    await startDaemon(t, { port: daemon.port, dir: daemon.dir });
    await reader.until((r) => r.counts.connections >= 2 && r.copy.exact, 60_000);
    const cursor = reader.copy.cursor;
    await reader.until((r) => r.copy.cursor !== cursor && r.counts.patches > 0, 60_000);
    await wall.prints(new RegExp(`^[^]{${printed}}[^]*published`));
    t.strictSame(reader.copy.violations, []);
  });
}

async function watched(t: Test): Promise<{ daemon: Daemon; reader: ConformanceClient }> {
  const daemon = await startDaemon(t);
  const reader = new ConformanceClient({ url: daemon.url, maxRetry: 100 });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until((r) => r.copy.exact);
  return { daemon, reader };
}

function statusOf(reader: ConformanceClient): string | undefined {
  return (reader.copy.compositors.get('wall') as { status?: string } | undefined)?.status;
}

function note(seen: string[], reader: ConformanceClient): boolean {
  return seen.push(...reader.copy.tiles.keys()) >= 0;
}
