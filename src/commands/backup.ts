import { readBytes, writeWhole } from '../adapters/archive/whole-file.ts';
import { ArchiveError, totalOf } from '../domain/archive.ts';
import { linesIn } from '../services/archive/archive-stream.ts';
import { checkArchive } from '../services/archive/read-archive.ts';
import { daemonArchive, Interrupted } from './archive/daemon-source.ts';
import { plainError } from './archive/plain-error.ts';
import { storeArchive } from './archive/store-source.ts';
import { sizeText, summaryOf } from './archive/summary.ts';
import { clientOptions, TOKEN_FLAG } from './client-options.ts';
import { exitCodeOf, OK, UsageError, type Arguments, type Command } from './command.ts';
import { CONFIG_FLAGS, requireConfig, STORE_FLAG } from './config-flags.ts';
import { Progress } from './progress.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';

/** Seconds to remove what is not finished after Ctrl-C. */
const GRACE = 5;
/** How often a backup from a daemon is begun. */
const ATTEMPTS = 3;

export const backup: Command = {
  name: 'backup',
  summary: 'Save the map, its history and its leases to a file.',
  about: `Saves everything at one cursor to FILE, from which restore fills any store. Daemons go on meanwhile. By default it reads
the store of the configuration, as serve would; with --url that of a daemon, which also works when the daemon has lost its
store. FILE is replaced when the new one is whole and was checked, and not before: a backup that is cut leaves nothing.`,
  flags: [
    STORE_FLAG,
    {
      name: 'url',
      value: 'URL',
      text: `This daemon instead. It needs the scope admin. A transfer that is cut is begun again, up to ${ATTEMPTS} times.`,
    },
    TOKEN_FLAG,
  ],
  unlisted: CONFIG_FLAGS,
  operands: { text: 'FILE', least: 1, most: 1, offers: 'file' },
  run: async (args, terminal) =>
    runUntilStopped(terminal, GRACE, ({ signal }) => run(args, terminal, signal)),
};

async function run(args: Arguments, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [file = ''] = args.operands;
  const source = sourceOf(args, terminal, signal);
  for (let attempt = 1; ; attempt++) {
    try {
      terminal.stdout(await save(file, until(source(), signal), terminal));
      return OK;
    } catch (error) {
      if (signal.aborted) {
        terminal.stderr(`interrupted; ${file} is as it was\n`);
        return exitCodeOf(signal);
      }
      const isCut = error instanceof Interrupted || (error instanceof ArchiveError && args.flags['url']);
      if (!isCut || attempt === ATTEMPTS) throw plainError(error, 'what was saved');
      terminal.stderr(`${error.message}; once more\n`);
    }
  }
}

function sourceOf(
  { flags }: Arguments,
  terminal: Terminal,
  signal: AbortSignal,
): () => AsyncIterable<Buffer> {
  if (flags['url'] !== undefined) {
    if (flags['store'] !== undefined) throw new UsageError('--url, --store: give one of them');
    const client = clientOptions(flags, terminal);
    return () => daemonArchive(client, signal);
  }
  const { config } = requireConfig({ flags, env: terminal.env, readFile: terminal.readFile });
  return () => storeArchive(config.settings, terminal);
}

async function save(file: string, bytes: AsyncIterable<Buffer>, terminal: Terminal): Promise<string> {
  let size = 0;
  const counted = (async function* () {
    for await (const piece of bytes) {
      size += piece.length;
      yield piece;
    }
  })();
  const { header, progress } = await writeWhole(file, counted, async (written) => {
    let bar: Progress | undefined;
    const summary = await checkArchive(linesIn(readBytes(written)), (entries, { counts }) => {
      bar ??= new Progress(terminal, totalOf(counts), 'entries checked');
      bar.update(entries);
    });
    bar?.end();
    return summary;
  });
  if (header.degraded)
    terminal.stderr('The store is away: this is the last that the daemon knew, and without leases.\n');
  return `${file}: ${summaryOf(header.counts)} at ${header.head}, digest ${header.digest}, ${sizeText(size)}, sha256 ${progress.sum}\n`;
}

/** The pieces until somebody stops. */
async function* until(pieces: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}
