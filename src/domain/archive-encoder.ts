import { createHash } from 'node:crypto';
import { ARCHIVE_FORMAT, type ArchiveHeader, type ArchivePart } from './archive.ts';
import { encodeCommit } from './commit.ts';

/** Writes an archive, line by line. */
export class ArchiveEncoder {
  readonly #hash = createHash('sha256');
  #lines = 0;

  /** What it begins with. */
  begin(header: ArchiveHeader): string {
    return this.#count({ archive: 'compositord', format: ARCHIVE_FORMAT, ...header });
  }

  /** Some of its content; an empty text for none. */
  part({
    compositors = [],
    regions = [],
    leases = [],
    tiles = [],
    commits = [],
  }: Partial<ArchivePart>): string {
    let text = '';
    if (compositors.length > 0) text += this.#count({ compositors });
    if (regions.length > 0) text += this.#count({ regions });
    if (leases.length > 0)
      text += this.#count({
        leases: leases.map(({ id, generation, deadline }) => [id, generation, deadline]),
      });
    if (tiles.length > 0) text += this.#count({ tiles });
    for (const commit of commits) text += this.#countLine(`{"commit":${encodeCommit(commit)}}`);
    return text;
  }

  /** What it ends with. */
  end(): string {
    return `${JSON.stringify({ end: { lines: this.#lines, sha256: this.#hash.digest('hex') } })}\n`;
  }

  #count(value: object): string {
    return this.#countLine(JSON.stringify(value));
  }

  #countLine(text: string): string {
    const line = `${text}\n`;
    this.#hash.update(line);
    this.#lines += 1;
    return line;
  }
}
