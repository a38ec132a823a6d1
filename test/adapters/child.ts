import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

/** A file beside this one, run as a process of its own that does not outlive the test. */
export function forkChild(t: Test, file: string, ...args: string[]): ChildProcess {
  const child = fork(compiled(file), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** The same, from its start to its end within this very turn of the event loop; gives its exit code. */
export function runChild(file: string, ...args: string[]): number | null {
  return spawnSync(process.execPath, [compiled(file), ...args], { stdio: 'ignore' }).status;
}

/** The same under a limit of `blocks` (512 or 1024 bytes, the shell decides) to the size of any file it writes. */
export function spawnLimited(t: Test, blocks: number, file: string, ...args: string[]): ChildProcess {
  const script = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const child = spawn('sh', ['-c', script, process.execPath, compiled(file), ...args], {
    // LMDB says on stderr what it could not write: expected here, and noise in the test's output.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** Each line the child prints, until it ends. */
export function linesOf(child: ChildProcess): AsyncIterable<string> {
  return createInterface({ input: child.stdout! });
}

/** Resolves when the child has ended; gives its exit code, null when a signal ended it. */
export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

function compiled(file: string): string {
  return fileURLToPath(new URL(file.replace(/\.ts$/, '.js'), import.meta.url));
}
