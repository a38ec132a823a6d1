import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isObject, parseJson } from '../domain/json.ts';
import type { KeeperNote, KeeperNotes } from '../domain/shared-file.ts';
import { troubleOf } from './file-trouble.ts';

/** Bytes: a note is much shorter, and anything longer is none. */
const MOST = 4096;

/** The note in a hidden file beside the one that is kept. */
export class KeeperFile implements KeeperNotes {
  readonly #path: string;
  readonly #unfinished: string;

  /** `path`: of the file that is kept. `self`: names this replica. */
  constructor(options: { path: string; self: string }) {
    this.#path = join(dirname(options.path), `.${basename(options.path)}.compositord`);
    this.#unfinished = `${this.#path}-${options.self.replace(/[^A-Za-z0-9]/g, '').slice(0, 16)}`;
  }

  async read(): Promise<KeeperNote | undefined> {
    try {
      const text = await readFile(this.#path, 'utf8');
      return text.length > MOST ? undefined : noteIn(text);
    } catch (error) {
      if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw troubleOf(error, 'be kept');
    }
  }

  async write(note: KeeperNote): Promise<void> {
    try {
      await writeFile(this.#unfinished, `${JSON.stringify(note)}\n`);
      await rename(this.#unfinished, this.#path);
    } catch (error) {
      throw troubleOf(error, 'be kept');
    }
  }
}

function noteIn(text: string): KeeperNote | undefined {
  const note = parseJson(text);
  if (!isObject(note)) return undefined;
  const { deployment, keeper, name, beat, digest } = note;
  const texts = [deployment, keeper, name, digest];
  if (!texts.every((each) => typeof each === 'string') || typeof beat !== 'number') return undefined;
  return note as unknown as KeeperNote;
}
