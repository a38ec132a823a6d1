import { createHash } from 'node:crypto';
import type { Cursor } from '../../domain/cursor.ts';
import type { Found, FoundFile, SharedFile } from '../../domain/shared-file.ts';
import type { Body } from '../manifest/latest-document.ts';
import { LongText } from '../manifest/long-text.ts';
import type { ManifestDocuments } from '../manifest/manifest-documents.ts';
import { plainOf } from '../manifest/text-piece.ts';

/** What was written: the map at `cursor`. */
export interface WrittenFile {
  readonly found: FoundFile;
  readonly cursor: Cursor;
  /** SHA-256 of its bytes. */
  readonly digest: string;
}

/**
 * Writes the whole map in place of what is `expected` there; undefined when something else is there by now. Throws FileTrouble, and what
 * `documents` throws.
 */
export async function writeFile(
  file: SharedFile,
  expected: Found,
  documents: ManifestDocuments,
): Promise<WrittenFile | undefined> {
  const { cursor, body } = await documents.tileFile();
  const hash = createHash('sha256');
  const bytes = async function* () {
    for await (const piece of piecesOf(body)) {
      hash.update(piece);
      yield piece;
    }
  };
  const found = await file.replace(expected, bytes());
  return found && { found, cursor, digest: hash.digest('hex') };
}

async function* piecesOf(body: Body): AsyncGenerator<Buffer, void, undefined> {
  if (Buffer.isBuffer(body)) {
    yield body;
    return;
  }
  for await (const segment of body instanceof LongText ? body.pieces() : body) yield plainOf(segment);
}
