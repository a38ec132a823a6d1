import { randomUUID } from 'node:crypto';
import { readBytes } from '../adapters/archive/whole-file.ts';
import { HeapGuard } from '../adapters/heap-guard.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { openStore } from '../backend.ts';
import { totalOf } from '../domain/archive.ts';
import type { ArchivableStore } from '../domain/archivable-store.ts';
import { StoreError, type StoreReason } from '../domain/store-error.ts';
import { withoutPassword } from '../domain/store-address.ts';
import { linesIn } from '../services/archive/archive-stream.ts';
import { restoreArchive, StoreNotEmpty, type Restored } from '../services/archive/restore.ts';
import { plainError } from './archive/plain-error.ts';
import { summaryOf } from './archive/summary.ts';
import { exitCodeOf, CommandError, OK, type Arguments, type Command } from './command.ts';
import { CONFIG_FLAGS, requireConfig, STORE_FLAG } from './config-flags.ts';
import { printable } from './printable.ts';
import { Progress } from './progress.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';

/** Seconds to close the store after Ctrl-C. */
const GRACE = 10;
/** LMDB calls a large write that was cut off by a full disk an error of the disk. */
const NO_ROOM: ReadonlySet<StoreReason> = new Set<StoreReason>(['full', 'disk-full', 'disk-failing']);
const NEEDS_ROOM =
  'The whole map is laid beside the store first, which needs room for both. The store is as it was';

export const restore: Command = {
  name: 'restore',
  summary: 'Fill a store from a file that backup has saved.',
  about: `Makes what FILE holds the content of a store, of either kind, with history and leases: with backup it moves a map from
one store to another. By default that is the store of the configuration, as serve would use it.

The store stays as it is until everything lies beside it and was checked; then it changes in one step. A restore that is
stopped or killed leaves it as it was, and goes on where it was when the same command is run again within an hour.
Daemons may run: they take up what was restored within two seconds. A reader whose cursor is in the restored history
goes on from there, the others get a snapshot with the reason reset.`,
  flags: [
    STORE_FLAG,
    {
      name: 'force',
      text: 'Replace what the store holds. Without it, a store that is not empty is left alone.',
    },
  ],
  unlisted: CONFIG_FLAGS,
  operands: { text: 'FILE', least: 1, most: 1, offers: 'file' },
  run: async (args, terminal) =>
    runUntilStopped(terminal, GRACE, ({ signal }) => run(args, terminal, signal)),
};

async function run({ flags, operands }: Arguments, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [file = ''] = operands;
  const { config } = requireConfig({ flags, env: terminal.env, readFile: terminal.readFile });
  const where = withoutPassword(config.settings.store);
  const memory = new HeapGuard(terminal.env['NODE_OPTIONS']);
  let store: ArchivableStore | undefined;
  try {
    store = await openStore(config.settings, new SystemClock(), { memory, create: true });
    const restored = await fill(store, { file, replace: flags['force'] !== undefined }, terminal, signal);
    const { header, head } = restored;
    terminal.stdout(
      `${where}: ${summaryOf(header.counts)} of ${header.createdAt}, digest ${header.digest}; its head is ${head}\n`,
    );
    return OK;
  } catch (error) {
    if (error instanceof StoreNotEmpty)
      throw new CommandError(`the store ${where} is not empty; --force replaces what it holds`);
    if (signal.aborted) {
      terminal.stderr(
        `interrupted; the store ${where} is as it was, and the same command goes on from here\n`,
      );
      return exitCodeOf(signal);
    }
    if (error instanceof StoreError && NO_ROOM.has(error.reason))
      throw new CommandError(printable(`${error.message.replace(/\.$/, '')}. ${NEEDS_ROOM}`));
    throw plainError(error, file);
  } finally {
    await store?.close();
  }
}

async function fill(
  store: ArchivableStore,
  { file, replace }: { file: string; replace: boolean },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Restored> {
  let bar: Progress | undefined;
  const restored = await restoreArchive({
    lines: linesIn(readBytes(file)),
    store,
    replace,
    id: randomUUID(),
    now: Date.now(),
    signal,
    onProgress: (entries, { counts }) => {
      bar ??= new Progress(terminal, totalOf(counts), 'entries restored');
      bar.update(entries);
    },
  });
  bar?.end();
  if (restored.takenBefore > 0)
    terminal.stderr(
      `An earlier restore was cut after ${restored.takenBefore} lines, and was taken up there.\n`,
    );
  if (restored.header.degraded)
    terminal.stderr('The archive has no leases: compositors and regions get a full TTL.\n');
  return restored;
}
