import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Test } from 'tap';
import { MAIN, temporaryFolder } from './daemon.ts';
import { freePort } from './free-port.ts';
import { send } from './http-client.ts';

/** More lines than the pipe and the buffer of the log hold, of about 300 bytes each. */
const REQUESTS = 6000;

export interface UnreadDaemon {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly url: string;
}

/** A daemon that logs each request to a pipe that nobody reads, until somebody reads `child.stderr`. */
export async function unreadDaemon(t: Test, args: readonly string[] = []): Promise<UnreadDaemon> {
  const dir = await temporaryFolder(t);
  const url = `http://127.0.0.1:${await freePort()}`;
  const flags = [
    `--listen=${url.slice(7)}`,
    `--store=file:${join(dir, 'store')}`,
    '--log-level=debug',
    ...args,
  ];
  const child = spawn(process.execPath, [MAIN, ...flags], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { child, url };
}

/** Asks for as much as fills the log. Resolves to the milliseconds of the slowest answer. */
export async function fillLog(url: string): Promise<number> {
  let slowest = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let i = 0; i < REQUESTS / 8; i++) {
        const begun = performance.now();
        const { status } = await send('GET', `${url}/health/live`);
        if (status !== 200) throw new Error(`answered ${status}`);
        slowest = Math.max(slowest, performance.now() - begun);
      }
    }),
  );
  return slowest;
}

/** How many lines the metrics say were dropped. */
export async function droppedLines(url: string): Promise<number> {
  const { body } = await send('GET', `${url}/metrics`);
  return Number(/^compositord_log_dropped_total (\d+)$/m.exec(String(body))?.[1]);
}
