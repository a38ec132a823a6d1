import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './daemon.ts';
import { Program, type Owner } from './program.ts';

/** A disk of its own, small and in memory. */
export interface SmallDisk {
  /** The command that runs another one where the disk is. */
  readonly through: readonly string[];
  /** Where the disk is, for whoever runs through that. */
  readonly dir: string;
  /** The same place, for everybody else. */
  readonly seen: string;
  /** Leaves no byte on it. */
  fill(): Promise<void>;
  /** Gives back what {@link fill} took. */
  free(): Promise<void>;
}

/** Makes one in a namespace of its own: whoever may run tests may do that, root or not. `size` as `mount -t tmpfs` takes it. */
export async function smallDisk(t: Owner, size = '24m'): Promise<SmallDisk> {
  const dir = await temporaryFolder(t);
  const script = 'mount -t tmpfs -o size="$1" disk "$0" && echo ready && exec sleep 100000';
  const holder = new Program(t, 'unshare', ['--map-root-user', '--mount', 'sh', '-c', script, dir, size]);
  await holder.prints(/ready/);
  const seen = `/proc/${holder.pid}/root${dir}`;
  const filler = join(seen, 'filler');
  return {
    through: ['nsenter', '--target', String(holder.pid), '--user', '--mount', '--preserve-credentials'],
    dir,
    seen,
    async fill() {
      const file = await open(filler, 'a');
      try {
        for (const size of [2 ** 20, 4096, 1]) await writeUntilFull(file, Buffer.alloc(size));
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
  };
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  for (;;) {
    try {
      await file.appendFile(piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return;
    }
  }
}
