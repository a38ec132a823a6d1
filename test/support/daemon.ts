import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { Program, type Exit, type Owner } from './program.ts';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface DaemonOptions {
  /** More flags of `serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The store's folder; absent: a new one, removed at the end. */
  readonly dir?: string;
  /** Another store than the folder: the address of a Redis. */
  readonly store?: string;
  /** Absent: a free one. */
  readonly port?: number;
  /** A command that runs the daemon, such as `['nsenter', ...]`. */
  readonly through?: readonly string[];
}

/** A real daemon, as `npm start` runs it: the built one, in a process of its own. */
export interface Daemon {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** What it has printed on stderr until now: its log. */
  readonly stderr: string;
  readonly exited: Promise<Exit>;
  /** Sends the signal, SIGTERM by default, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit | undefined>;
  /** Sends the signal and does not wait (SIGSTOP, SIGCONT). */
  signal(signal: NodeJS.Signals): void;
}

/** Starts a daemon and waits until it says that it serves. It is killed when `t` ends. */
export async function startDaemon(t: Owner, options: DaemonOptions = {}): Promise<Daemon> {
  const port = options.port ?? (await freePort());
  const dir = options.dir ?? (await temporaryFolder(t));
  const store = options.store ?? `file:${join(dir, 'store')}`;
  const args = ['serve', `--listen=127.0.0.1:${port}`, `--store=${store}`];
  // In its own folder: a compositord.yaml of whoever runs the tests must not count.
  const [command = '', ...words] = [...(options.through ?? []), process.execPath, MAIN, ...args];
  const program = new Program(t, command, [...words, ...(options.args ?? [])], {
    cwd: dir,
    ...(options.env && { env: options.env }),
  });
  const url = `http://127.0.0.1:${port}`;
  // A ceiling, not a promise: with everything at once on a small machine a process takes its time to start.
  await program.prints(new RegExp(`${url}\\b`), 45_000);
  return {
    url,
    port,
    dir,
    pid: program.pid,
    get stderr() {
      return program.stderr;
    },
    exited: program.exited,
    stop: (signal) => program.stop(signal),
    signal: (signal) => program.signal(signal),
  };
}

/** An empty folder, removed when `t` ends. */
export async function temporaryFolder(t: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'compositord-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
