import { open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { once } from 'node:events';
import { clientOptions, TOKEN_FLAG, URL_FLAG, type ClientOptions } from './client-options.ts';
import { exitCodeOf, CommandError, OK, type Command } from './command.ts';
import { download } from './download.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';

/** Seconds to clean up after Ctrl-C. */
const GRACE = 5;

export const exportFile: Command = {
  name: 'export',
  summary: 'Write the tile file of a map, or everything in it.',
  about: `Writes the map as InfiniteMap's file, {"x,y": {"brick", "timestamp"}}, to stdout: what compositord import reads.`,
  flags: [
    URL_FLAG,
    TOKEN_FLAG,
    {
      name: 'everything',
      text: 'The whole manifest instead: compositors, regions, and tiles with their owners.',
    },
    {
      name: 'out',
      value: 'FILE',
      text: 'Into this file, which is replaced when all of it is there.',
      preset: 'stdout',
      offers: 'file',
    },
  ],
  run: async ({ flags }, terminal) => {
    const client = clientOptions(flags, terminal);
    const path = flags['everything'] ? '/manifest' : '/manifest/tiles';
    return runUntilStopped(terminal, GRACE, ({ signal }) =>
      run({ client, path, out: flags['out']?.at(-1) }, terminal, signal),
    );
  },
};

interface ExportOptions {
  readonly client: ClientOptions;
  readonly path: string;
  readonly out: string | undefined;
}

async function run({ client, path, out }: ExportOptions, terminal: Terminal, signal: AbortSignal) {
  try {
    const pieces = download(client, path, signal);
    if (out === undefined) await print(pieces, terminal.dialogue().output);
    else await save(pieces, out);
    return OK;
  } catch (error) {
    if (!signal.aborted) throw error;
    return exitCodeOf(signal);
  }
}

/** As fast as the reader of the output takes it. */
async function print(pieces: AsyncIterable<Buffer>, output: Writable): Promise<void> {
  for await (const piece of pieces) if (!output.write(piece)) await once(output, 'drain');
}

async function save(pieces: AsyncIterable<Buffer>, path: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    const file = await open(unfinished, 'w');
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof CommandError || code === undefined) throw error;
    throw new CommandError(`cannot write ${path}: ${code}`, { cause: error });
  }
}
