import { stat } from 'node:fs/promises';
import { readBytes } from '../adapters/archive/whole-file.ts';
import { HeapGuard } from '../adapters/heap-guard.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { openStore } from '../backend.ts';
import { unreadable } from '../config/read-file.ts';
import type { Settings } from '../config/config.ts';
import { ARCHIVE_FORMAT, totalOf } from '../domain/archive.ts';
import type { ArchivableStore } from '../domain/archivable-store.ts';
import type { Commit } from '../domain/commit.ts';
import { formatDigest } from '../domain/digest.ts';
import type { LeaseTable } from '../domain/lease.ts';
import { storeAddressProblem } from '../domain/store-address.ts';
import { linesIn } from '../services/archive/archive-stream.ts';
import { checkArchive } from '../services/archive/read-archive.ts';
import { plainError } from './archive/plain-error.ts';
import { sizeText } from './archive/summary.ts';
import { CommandError, OK, UsageError, type Command } from './command.ts';
import { CONFIG_FLAGS, requireConfig, STORE_FLAG } from './config-flags.ts';
import { columns, counted } from './layout.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export const inspect: Command = {
  name: 'inspect',
  summary: 'Check a store or a backup, and show what is in it.',
  about: `Reads all of a file that backup has saved, or of a store (file:FOLDER or the address of a Redis; by default that of the
configuration, as serve would use it), checks its log and its digest, and prints format, head, counts and sizes. Exits
with 1 and one line when it is not whole. Daemons may run meanwhile.`,
  flags: [STORE_FLAG],
  unlisted: CONFIG_FLAGS,
  operands: { text: '[FILE | STORE]', least: 0, most: 1, offers: 'file' },
  run: async ({ flags, operands }, terminal) => {
    const [what] = operands;
    const isFile = what !== undefined && storeAddressProblem(what) !== undefined;
    const name = what ?? 'the store';
    try {
      if (isFile) return await print(archiveRows(what, terminal), terminal);
      if (what !== undefined && flags['store'] !== undefined) throw new UsageError('--store: is given twice');
      const named = what === undefined ? flags : { ...flags, store: [what] };
      const { config } = requireConfig({ flags: named, env: terminal.env, readFile: terminal.readFile });
      return await print(storeRows(config.settings, terminal), terminal);
    } catch (error) {
      throw plainError(error, name);
    }
  },
};

type Rows = readonly (readonly [string, string])[];

async function print(rows: Promise<Rows>, terminal: Terminal): Promise<number> {
  terminal.stdout(`${columns(await rows)}\n`);
  return OK;
}

async function archiveRows(file: string, terminal: Terminal): Promise<Rows> {
  const { size } = await requireFile(file);
  let bar: Progress | undefined;
  const { header, oldest, last, progress } = await checkArchive(
    linesIn(readBytes(file)),
    (entries, { counts }) => {
      bar ??= new Progress(terminal, totalOf(counts), 'entries checked');
      bar.update(entries);
    },
  );
  bar?.end();
  const { counts, head, digest, degraded, createdAt, store, version } = header;
  return [
    ['archive', file],
    ['format', String(ARCHIVE_FORMAT)],
    [
      'taken',
      `${createdAt} from ${store}, by compositord ${version}${degraded ? ', without its store' : ''}`,
    ],
    ['head', head],
    ['digest', `${digest}, checked`],
    ['compositors', String(counts.compositors)],
    ['regions', String(counts.regions)],
    ['tiles', String(counts.tiles)],
    ['leases', String(counts.leases)],
    ['commits', commitsText(counts.commits, oldest, last)],
    ['size', sizeText(size)],
    ['sha256', progress.sum],
  ];
}

async function requireFile(file: string): Promise<{ readonly size: number }> {
  const found = await stat(file).catch((error: unknown) => {
    throw new CommandError(unreadable(file, error), { cause: error });
  });
  if (found.isDirectory())
    throw new UsageError(`${file}: is a folder; the store in it is compositord inspect file:${file}`);
  return found;
}

async function storeRows(settings: Settings, terminal: Terminal): Promise<Rows> {
  const memory = new HeapGuard(terminal.env['NODE_OPTIONS']);
  const store = await openStore(settings, new SystemClock(), { memory, create: false });
  try {
    return await rowsOf(store);
  } finally {
    await store.close();
  }
}

async function rowsOf(store: ArchivableStore): Promise<Rows> {
  const { where, format, bytes } = await store.describe();
  const { head, manifest, log } = await store.load();
  return [
    ['store', `${store.kind}, ${where}`],
    ['format', format === undefined ? 'none' : String(format)],
    ['head', head],
    ['digest', `${formatDigest(manifest.digest)}, checked`],
    ['compositors', String(manifest.compositorCount)],
    ['regions', String(manifest.regionCount)],
    ['tiles', String(manifest.tileCount)],
    ['leases', leasesText(await store.leases())],
    ['commits', commitsText(log.length, log[0], log.at(-1))],
    ['size', bytes === undefined ? 'unknown' : sizeText(bytes)],
  ];
}

function commitsText(count: number, oldest: Commit | undefined, last: Commit | undefined): string {
  if (!oldest || !last) return String(count);
  const ends = [oldest, last].map(({ cursor, committedAt }) => `${cursor} of ${instant(committedAt)}`);
  return `${count}, from ${ends.join(' to ')}`;
}

function leasesText({ now, leases }: LeaseTable): string {
  const over = leases.filter(({ deadline }) => deadline <= now).length;
  return `${leases.length}${over > 0 ? `, of which ${counted(over, 'has', 'have')} run out` : ''}`;
}

/** RFC 3339; `?` for what is no time. */
function instant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString();
}
