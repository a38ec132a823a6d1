import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';

interface BrickEntry {
  readonly brick: string;
  readonly timestamp: number;
}

/** `map_loader.rs`: reads the file when its time of modification has changed; a broken file is an error, and the old map stays. */
export class MapLoader {
  entries = new Map<string, BrickEntry>();
  readonly #path: string;
  #modified: bigint | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether it was read anew. Throws for a file that is no manifest. */
  checkUpdates(): boolean {
    if (!existsSync(this.#path)) return false;
    const { mtimeNs } = statSync(this.#path, { bigint: true });
    if (mtimeNs === this.#modified) return false;
    this.#load();
    this.#modified = mtimeNs;
    return true;
  }

  #load(): void {
    const text = readFileSync(this.#path, 'utf8');
    if (text.trim() === '') return;
    const raw = JSON.parse(text) as Record<string, BrickEntry>;
    for (const { brick, timestamp } of Object.values(raw))
      assert.ok(typeof brick === 'string' && typeof timestamp === 'number');
    this.entries = new Map(Object.entries(raw));
  }
}
