import {
  partSize,
  type ArchiveHeader,
  type ArchivePart,
  type ArchiveProgress,
} from '../../domain/archive.ts';
import { ArchiveDecoder } from '../../domain/archive-decoder.ts';

/** One line of an archive that is being read. */
export interface ReadLine {
  readonly part: ArchivePart;
  /** Up to the end of this line. */
  readonly decoder: Pick<ArchiveDecoder, 'progress' | 'oldest' | 'last'>;
  readonly header: ArchiveHeader;
}

/** Reads an archive to its end, and checks it. Throws an `ArchiveError` when it is not whole, at the latest after its last line. */
export async function* readArchive(lines: AsyncIterable<string>): AsyncGenerator<ReadLine, void, undefined> {
  const decoder = new ArchiveDecoder();
  for await (const line of lines) {
    const part = decoder.take(line);
    yield { part, decoder, header: decoder.header! };
  }
  decoder.finish();
}

/** What is known of an archive that was read. */
export interface ArchiveSummary {
  readonly header: ArchiveHeader;
  readonly oldest: ArchiveDecoder['oldest'];
  readonly last: ArchiveDecoder['last'];
  readonly progress: ArchiveProgress;
}

/** Reads all of it. @param onProgress is given the number of entries until now. Throws as {@link readArchive} does. */
export async function checkArchive(
  lines: AsyncIterable<string>,
  onProgress: (entries: number, header: ArchiveHeader) => void = () => undefined,
): Promise<ArchiveSummary> {
  let last: ReadLine | undefined;
  let entries = 0;
  for await (const line of readArchive(lines)) {
    last = line;
    entries += partSize(line.part);
    onProgress(entries, line.header);
  }
  const { header, decoder } = last!;
  return { header, oldest: decoder.oldest, last: decoder.last, progress: decoder.progress };
}
