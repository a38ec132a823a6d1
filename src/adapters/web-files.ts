import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts what browsers load. The same from `src` and from `dist`. */
const BUILT = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** A file for browsers, and its ETag. */
export interface WebFile {
  readonly body: Buffer;
  readonly etag: string;
}

/** The files for browsers: each read once, when it is first asked for. */
export class WebFiles {
  readonly #folder: string;
  #names: Set<string> | undefined;
  readonly #read = new Map<string, WebFile>();

  constructor(folder: string = BUILT) {
    this.#folder = folder;
  }

  /** Undefined when there is none of that name, which may hold slashes; never anything outside of the folder. */
  file(name: string): WebFile | undefined {
    // Whoever leads out of the folder is not in its list.
    this.#names ??= new Set(list(this.#folder));
    if (!this.#names.has(name)) return undefined;
    let file = this.#read.get(name);
    if (!file) {
      const body = readFileSync(join(this.#folder, name));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      this.#read.set(name, (file = { body, etag }));
    }
    return file;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/'));
  } catch {
    // Not built: there are none.
    return [];
  }
}
