import type { Patch } from '../../domain/patch.ts';
import { PatchEncoder, type Entry } from './event.ts';

/** The names of entries whose present values a reader has still to be sent. */
export class ChangedNames {
  #names = new Set<string>();
  /** Goes through the names across several parts; names that are added meanwhile come last. */
  #next: Iterator<string, undefined> | undefined;

  get size(): number {
    return this.#names.size;
  }

  add(patch: Patch): void {
    for (const id of patch.compositors.keys()) this.#names.add(id);
    for (const key of patch.tiles.keys()) this.#names.add(key);
  }

  clear(): void {
    this.#names.clear();
    this.#next = undefined;
  }

  /** Takes names out and encodes their values, of about `bytes` together; nothing when none is left. */
  encode(bytes: number, valueOf: (name: string) => Entry[1]): PatchEncoder {
    const encoder = new PatchEncoder();
    this.#next ??= this.#names.values();
    while (encoder.bytes < bytes) {
      const { value: name, done } = this.#next.next();
      if (done) {
        this.#next = undefined;
        break;
      }
      this.#names.delete(name);
      encoder.add(name, valueOf(name), Infinity);
    }
    return encoder;
  }
}
