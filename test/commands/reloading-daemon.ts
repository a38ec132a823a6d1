import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';

export interface Change {
  cursor: string;
  compositors: Record<string, object | null>;
  tiles: Record<string, object | null>;
}

export const json = async <T>(url: string, init?: RequestInit) =>
  (await fetch(url, init)).json() as Promise<T>;

export const patch = (url: string, body: object) =>
  fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

export const headOf = async (daemon: Daemon) =>
  (await json<{ cursor: string }>(`${daemon.url}/manifest`)).cursor;

/** What the next commit after `since` and all behind it have changed; waits for it. */
export async function changeSince(daemon: Daemon, since: string): Promise<Change> {
  for (let polls = 0; polls < 6; polls++) {
    const change = await json<Change>(`${daemon.url}/manifest/changes?since=${since}&wait=10`);
    if (Object.keys(change.compositors).length > 0) return change;
  }
  throw new Error(`nothing changed\n${daemon.stderr}`);
}

/** Until the log says `text` `times` times. */
export async function says(daemon: Daemon, text: string, times = 1): Promise<void> {
  for (let looks = 0; looks < 1000; looks++) {
    if (daemon.stderr.split(text).length > times) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it never said ${text}\n${daemon.stderr}`);
}

export async function daemonWith(t: Test, files: Record<string, string>) {
  const dir = await temporaryFolder(t);
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { dir, write, daemon: await startDaemon(t, { dir }) };
}
