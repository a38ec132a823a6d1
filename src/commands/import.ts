import { isCompositorId } from '../domain/compositor.ts';
import { clientOptions, TOKEN_FLAG, URL_FLAG, type ClientOptions } from './client-options.ts';
import { exitCodeOf, OK, UsageError, type Arguments, type Command } from './command.ts';
import { download } from './download.ts';
import { RequestRejected, RetryingClient } from './http-client.ts';
import { ImportedTiles, type ImportCounts } from './imported-tiles.ts';
import { Progress } from './progress.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';
import { readTileFile, tilesIn } from './tile-file.ts';

/** Seconds to end after Ctrl-C: longer than a request under way that nobody answers. */
const GRACE = 12;
/** The compositor for which tiles are imported, unless another is named; and how long it stays, in seconds. */
const DEFAULT_ID = 'import';
const LONGEST_LEASE = 86_400;

export const importFile: Command = {
  name: 'import',
  summary: 'Bring the tiles of a tile file into a map.',
  about: `Reads InfiniteMap's file (plain, or .gz), {"x,y": {"brick", "timestamp"}}, and publishes its tiles as one compositor.
A tile that the map has with the same timestamp or a newer one stays as it is. Timestamps are Unix seconds; from 1e11 on
milliseconds.`,
  flags: [
    URL_FLAG,
    TOKEN_FLAG,
    {
      name: 'as',
      value: 'ID',
      preset: DEFAULT_ID,
      text: `The compositor. One that is not there is registered for 24 hours: list it in the configuration of the
daemon, and it stays.`,
    },
    { name: 'dry-run', text: 'Only say what would be done.' },
  ],
  operands: { text: 'FILE', least: 1, most: 1, offers: 'file' },
  run: async (args, terminal) => {
    const options = parseOptions(args, terminal);
    return runUntilStopped(terminal, GRACE, ({ signal }) => run(options, terminal, signal));
  },
};

interface ImportOptions extends ClientOptions {
  readonly path: string;
  readonly id: string;
  readonly isDry: boolean;
}

function parseOptions({ flags, operands }: Arguments, terminal: Terminal): ImportOptions {
  const id = flags['as']?.at(-1) ?? DEFAULT_ID;
  if (!isCompositorId(id))
    throw new UsageError(`--as: must be an id of a compositor, not ${JSON.stringify(id)}`);
  return {
    ...clientOptions(flags, terminal),
    path: operands[0]!,
    id,
    isDry: flags['dry-run'] !== undefined,
  };
}

async function run(options: ImportOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { path, id, url, token, isDry } = options;
  const client = new RetryingClient({
    url,
    token,
    signal,
    onRetry: (reason) => terminal.stderr(`waiting for ${url}: ${reason}\n`),
  });
  try {
    // All of it first: a file that is broken in its middle changes nothing.
    let total = 0;
    for await (const tiles of readTileFile(path)) total += tiles.size;
    const present = new Map<string, number>();
    for await (const tiles of tilesIn(download(options, '/manifest/tiles', signal), 'the map of the daemon'))
      for (const [key, { timestamp }] of tiles) present.set(key, timestamp);
    const imported = new ImportedTiles({ client, id, present, isDry });
    if (!isDry && (await register(client, id)))
      terminal.stderr(
        `${id} was registered for 24 hours: list it in the configuration of the daemon, and its tiles stay.\n`,
      );
    const progress = new Progress(terminal, total, 'tiles');
    for await (const tiles of readTileFile(path)) {
      await imported.add(tiles);
      progress.update(imported.counts.read);
      if (signal.aborted) break;
    }
    await imported.end();
    progress.end();
    terminal.stdout(summaryOf(imported.counts, options));
    return signal.aborted ? exitCodeOf(signal) : OK;
  } catch (error) {
    if (!signal.aborted) throw error;
    return exitCodeOf(signal);
  }
}

/** Registers `id` if nobody has; whether it did. Its tiles outlive the command by its lease. */
async function register(client: RetryingClient, id: string): Promise<boolean> {
  try {
    await client.send(`/compositors/${id}`, { method: 'GET' });
    return false;
  } catch (error) {
    if (!(error instanceof RequestRejected) || error.status !== 404) throw error;
  }
  await client.send('/compositors', { method: 'POST', body: { id, name: id, ttl: LONGEST_LEASE } });
  return true;
}

function summaryOf(
  { read, changed, present, older, refused }: ImportCounts,
  { id, isDry }: Pick<ImportOptions, 'id' | 'isDry'>,
): string {
  const done = isDry ? 'would be set' : 'set';
  const already = present > 0 ? `, ${present} already there` : '';
  const rest = refused > 0 ? `, ${refused} refused` : '';
  return `${read} tiles read, ${changed} ${done} as ${id}${already}, ${older} not newer than the map${rest}\n`;
}
