// FAILURES 16, for the examples deploy/haproxy and deploy/caddy, where these programs are on the machine: frames arrive one by one, also
// compressed where the proxy may, and the restart of one replica loses nothing.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { TileClient } from '../support/tile-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { frameByFrame } from './frame-by-frame.ts';

interface Proxy {
  readonly program: string;
  readonly version: readonly string[];
  /** In deploy/. */
  readonly config: string;
  readonly args: (file: string) => readonly string[];
  /** The test's port in place of the file's. */
  readonly listen: (text: string, port: number) => string;
  /** What its configuration promises beyond streams. */
  readonly retriesRenewals: boolean;
}

const PROXIES: readonly Proxy[] = [
  {
    program: 'haproxy',
    version: ['-v'],
    config: 'haproxy/haproxy.cfg',
    args: (file) => ['-db', '-f', file],
    // It would not start where so many files may not be opened.
    listen: (text, port) =>
      text.replace('bind :8760', `bind 127.0.0.1:${port}`).replace('maxconn 40000', 'maxconn 200'),
    retriesRenewals: true,
  },
  {
    program: 'caddy',
    version: ['version'],
    config: 'caddy/Caddyfile',
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
    listen: (text, port) =>
      text.replace('http://localhost:8760 {', `http://127.0.0.1:${port} {\n\tbind 127.0.0.1`),
    retriesRenewals: false,
  },
];

for (const proxy of PROXIES) {
  if (spawnSync(proxy.program, proxy.version).status === 0) t.test(proxy.program, (t) => holds(t, proxy));
  else t.pass(`${proxy.program} is not on this machine: deploy/${proxy.config} was not run`);
}

async function holds(t: Test, proxy: Proxy): Promise<void> {
  let a = await startDaemon(t);
  const b = await startDaemon(t, { dir: a.dir });
  const url = await start(t, proxy, [a.port, b.port]);
  const wall = await HttpPublisher.join(url, 'wall');
  const reader = new ConformanceClient({ url, maxRetry: 300, headers: { 'Accept-Encoding': 'gzip' } });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await frameByFrame(t, wall, reader);
  t.equal(reader.stream!.headers['content-encoding'] ?? 'identity', 'identity');
  if (proxy.retriesRenewals) t.equal((await send('PUT', `${url}/compositors/wall/lease`)).status, 200);

  const socket = await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
  await wall.patch({ '9,9': { brick: 'for a socket' } });
  await socket.until(({ shown }) => shown['9,9'] === 'for a socket', 'the tile');

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await a.stop(signal);
    await reader.untilCursor(await patchUntilTaken(wall, `without-a-${signal}`));
    a = await startDaemon(t, { dir: a.dir, port: a.port });
    await reader.untilCursor(await patchUntilTaken(wall, `with-a-${signal}`));
  }
  await sameAsManifest(t, reader, url);
  t.equal(reader.counts.snapshots, 1, 'no second snapshot');
}

/** As a compositor writes: again, when a proxy met the end of a replica in mid-request. Repeated or not, it is one commit. */
async function patchUntilTaken(wall: HttpPublisher, brick: string): Promise<string> {
  const late = AbortSignal.timeout(10_000);
  for (;;) {
    try {
      return await wall.patch({ '0,0': { brick } });
    } catch (error) {
      if (late.aborted || !/: 50[234] /.test(String(error))) throw error;
    }
  }
}

async function start(t: Test, proxy: Proxy, [a, b]: readonly number[]): Promise<string> {
  const source = fileURLToPath(new URL(`../../deploy/${proxy.config}`, import.meta.url));
  const dir = await temporaryFolder(t);
  const port = await freePort();
  const text = proxy
    .listen(await readFile(source, 'utf8'), port)
    .replaceAll('compositord-a:8760', `127.0.0.1:${a}`)
    .replaceAll('compositord-b:8760', `127.0.0.1:${b}`);
  const file = join(dir, 'config');
  await writeFile(file, text);
  const env = {
    HOME: dir,
    ...(process.env['LD_LIBRARY_PATH'] && { LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] }),
  };
  const program = new Program(t, proxy.program, proxy.args(file), { cwd: dir, env });
  const url = `http://127.0.0.1:${port}`;
  const late = AbortSignal.timeout(10_000);
  // Neither says on its output, in all versions alike, that it serves.
  while (!(await answers(port)) || (await send('GET', `${url}/health/ready`)).status !== 200) {
    if (late.aborted) throw new Error(`${proxy.program} does not serve: ${program.stdout}${program.stderr}`);
    await delay(50);
  }
  return url;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
