import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';

/** A proxy of deploy/ that is one program with one file. */
export interface Proxy {
  readonly program: string;
  readonly version: readonly string[];
  /** In deploy/. */
  readonly config: string;
  readonly args: (file: string) => readonly string[];
  /** The test's port in place of the file's. */
  readonly listen: (text: string, port: number) => string;
}

/** As the example says it for fixed addresses: here, two daemons share one. */
const SERVERS = [
  '    server compositord-a compositord-a:8760',
  '    server compositord-b compositord-b:8760',
].join('\n');

export const HAPROXY: Proxy = {
  program: 'haproxy',
  version: ['-v'],
  config: 'haproxy/haproxy.cfg',
  args: (file) => ['-db', '-f', file],
  // It would not start where so many files may not be opened.
  listen: (text, port) =>
    text.replace('bind :8760', `bind 127.0.0.1:${port}`).replace('maxconn 40000', 'maxconn 200'),
};

export const CADDY: Proxy = {
  program: 'caddy',
  version: ['version'],
  config: 'caddy/Caddyfile',
  args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  listen: (text, port) =>
    text.replace('http://localhost:8760 {', `http://127.0.0.1:${port} {\n\tbind 127.0.0.1`),
};

/** Runs `test` where the program is on this machine. */
export function withProxy(t: Test, proxy: Proxy, test: (t: Test) => Promise<void>): void {
  if (spawnSync(proxy.program, proxy.version).status === 0) t.test(proxy.program, test);
  else t.pass(`${proxy.program} is not on this machine: deploy/${proxy.config} was not run`);
}

/** The URL of the real proxy in front of daemons at the ports `a` and `b`. `edit`: the last word on its file. */
export async function startProxy(
  t: Test,
  proxy: Proxy,
  [a, b]: readonly [number, number],
  edit: (text: string) => string = (text) => text,
): Promise<string> {
  const source = fileURLToPath(new URL(`../../deploy/${proxy.config}`, import.meta.url));
  const dir = await temporaryFolder(t);
  const port = await freePort();
  const text = proxy
    .listen(edit(await readFile(source, 'utf8')), port)
    .replace(/^ *server-template compositord- .*$/gm, SERVERS)
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
