import { createHash } from 'node:crypto';
import type { LongWork } from '../../concurrency/long-work.ts';
import { FileParser } from '../../domain/file-parser.ts';
import type { FileVersion } from '../../domain/file-tile.ts';
import type { FoundFile, SharedFile } from '../../domain/shared-file.ts';

/** What was in the file, and the SHA-256 of its bytes. */
export interface ReadFile {
  readonly version: FileVersion;
  readonly digest: string;
}

/** Reads the file, parsing its pieces in slices. Undefined when it changed meanwhile. Throws BrokenFile and FileTrouble. */
export async function readFile(
  file: SharedFile,
  found: FoundFile,
  work: LongWork,
): Promise<ReadFile | undefined> {
  const parser = new FileParser();
  const hash = createHash('sha256');
  let isOver = await work.slice();
  const isSame = await file.read(found, async (piece) => {
    if (isOver()) isOver = await work.slice();
    hash.update(piece);
    parser.push(piece);
  });
  return isSame ? { version: parser.end(), digest: hash.digest('hex') } : undefined;
}
