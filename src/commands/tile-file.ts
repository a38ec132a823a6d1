import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BrokenFile, FileParser } from '../domain/file-parser.ts';
import type { FileTile } from '../domain/file-tile.ts';
import { unreadable } from '../config/read-file.ts';
import { CommandError } from './command.ts';
import { printable } from './printable.ts';

/** Tiles of a tile file, a few thousand at a time. */
export type TileParts = AsyncGenerator<ReadonlyMap<string, FileTile>, void, undefined>;

/**
 * Reads `{"x,y": {"brick", "timestamp"}}` from bytes, whatever their number; seconds and milliseconds as everywhere. Throws a
 * {@link CommandError} that begins with `name` where it is broken, and at its end when some entries are no tiles.
 */
export async function* tilesIn(bytes: AsyncIterable<Buffer>, name: string): TileParts {
  const parser = new FileParser();
  try {
    for await (const piece of bytes) {
      parser.push(piece);
      const tiles = parser.take();
      if (tiles.size > 0) yield tiles;
    }
    const { skipped, firstSkipped } = parser.end();
    if (firstSkipped === undefined) return;
    throw new CommandError(`${name}: ${skipped} entries are no tiles, such as ${printable(firstSkipped)}`);
  } catch (error) {
    if (error instanceof BrokenFile) throw new CommandError(`${name} ${error.message}`, { cause: error });
    throw error;
  }
}

/** {@link tilesIn} a file, plain or `.gz`. */
export async function* readTileFile(path: string): TileParts {
  const file = createReadStream(path);
  // Not `pipe`: the reader would wait for ever when the file cannot be opened.
  const input = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file;
  try {
    yield* tilesIn(input as AsyncIterable<Buffer>, path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR')
      throw new CommandError(`${path} ends before its compressed data does`, { cause: error });
    throw new CommandError(unreadable(path, error), { cause: error });
  } finally {
    file.destroy();
  }
}
