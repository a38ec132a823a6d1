import type { Daemon } from '../support/daemon.ts';

/** Each request on a connection of its own: the next worker answers it. */
export const APART = { Connection: 'close' };

/** The lines of its log, parsed. */
export function logOf({ stderr }: Daemon): Record<string, unknown>[] {
  // The last line may not be complete yet.
  const lines = stderr.slice(0, stderr.lastIndexOf('\n')).split('\n');
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The process of each worker, as the log names them. */
export function processes(daemon: Daemon): Map<number, number> {
  return new Map(
    logOf(daemon)
      .filter(({ msg }) => String(msg).startsWith('Server listening'))
      .map(({ worker, pid }) => [Number(worker), Number(pid)]),
  );
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
