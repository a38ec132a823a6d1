import assert from 'node:assert/strict';
import { FileComparison, type FileChange } from '../../src/domain/file-comparison.ts';
import { FileMemory, type Knowledge } from '../../src/domain/file-memory.ts';
import { publishFile } from '../../src/domain/file-publishing.ts';
import type { FileTile } from '../../src/domain/file-tile.ts';
import { KnownVersions } from '../../src/domain/known-versions.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { diff, invert, isEmptyPatch, patchOf, type Patch } from '../../src/domain/patch.ts';
import { publishEach } from '../../src/domain/publishing.ts';
import { finish } from '../../src/domain/steps.ts';

export type Tiles = Map<string, FileTile>;

/** The order in which a program writes its tiles: by a hash with a seed of its own, as Rust does, or as they came. */
export type Order = 'own' | 'as-they-came';

/**
 * A program like `manifest_writer.rs`: it reads the file at its start, and from then on rewrites all of it from its own copy, whatever is in the
 * file by then.
 */
export class StaleWriter {
  readonly #seed: number;
  readonly #order: Order;
  #copy: Tiles;

  constructor(file: Tiles | undefined, seed: number, order: Order) {
    this.#copy = new Map(file ?? []);
    this.#seed = seed;
    this.#order = order;
  }

  has(key: string): boolean {
    return this.#copy.has(key);
  }

  get(key: string): FileTile | undefined {
    return this.#copy.get(key);
  }

  set(key: string, tile: FileTile): Tiles {
    this.#copy.set(key, tile);
    return this.written();
  }

  remove(key: string): Tiles {
    this.#copy.delete(key);
    return this.written();
  }

  /** The file as it writes it. */
  written(): Tiles {
    if (this.#order === 'as-they-came') return new Map(this.#copy);
    return new Map([...this.#copy].sort(([a], [b]) => hashOf(a, this.#seed) - hashOf(b, this.#seed)));
  }
}

function hashOf(text: string, seed: number): number {
  let hash = seed | 1;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}

/** The rules of the shared file, played without a disk and a store. */
export class FileWorld {
  readonly manifest = new LiveManifest();
  /** What is in the file; at first there is none. */
  file: Tiles | undefined;
  now = 1000;
  readonly #commits: { readonly commit: Pick<Edit, 'patch' | 'undo'>; readonly isOfFile: boolean }[] = [];
  #memory = new FileMemory(0);
  #known = new KnownVersions();
  /** What the daemon has written last. */
  #seen: Tiles | undefined;
  /** By key: the values that were in the map and went. */
  readonly #gone = new Map<string, Set<string>>();

  /** A compositor sets or removes tiles over the API. */
  publish(id: string, tiles: Record<string, FileTile | null>): void {
    const writes = publishEach(this.manifest, id, new Map(Object.entries(tiles)), this.now).tiles;
    this.#commit(patchOf({ tiles: writes }), 'all', false);
  }

  /**
   * What the daemon does when it looks at the file: it reads it when it is not what it knows, and then writes the map into it. `meanwhile`: what
   * others do between the two.
   */
  look(meanwhile: () => void = () => undefined): readonly FileChange[] {
    const { file } = this;
    const changes = file && (!this.#seen || !isSame(file, this.#seen)) ? this.#read(file, meanwhile) : [];
    this.file = new Map([...this.manifest.visibleTiles({})].map(([key, tile]) => [key, plain(tile)]));
    this.#seen = this.file;
    return changes;
  }

  /** The daemon starts again: what it knows is what the log of its commits says. */
  restart(): void {
    this.#memory = new FileMemory(0);
    this.#known = new KnownVersions();
    for (const { commit, isOfFile } of this.#commits)
      finish(this.#memory.take(commit, isOfFile ? 'none' : 'all'));
  }

  /** Whether the map has lost everything that led to this value. */
  wasRemoved(key: string, tile: FileTile): boolean {
    return this.#gone.get(key)?.has(JSON.stringify(plain(tile))) ?? false;
  }

  #read(file: Tiles, meanwhile: () => void): readonly FileChange[] {
    const version = { tiles: file, skipped: 0, firstSkipped: undefined };
    const comparison = new FileComparison({
      version,
      memory: this.#memory,
      known: this.#known,
      owner: 'file',
      tileAt: (key) => this.manifest.tile(key),
    });
    finish(comparison.readFile());
    for (const [key, tile] of this.manifest.visibleTiles({})) comparison.inMap(key, tile);
    const difference = finish(comparison.result());
    for (const { key, tile } of difference.changes)
      if (tile) assert.ok(!this.wasRemoved(key, tile), `${key} comes back`);
    meanwhile();
    const { patch } = publishFile(this.manifest, 'file', difference.changes, this.now * 1000);
    this.#commit(patch, difference.knowledge, true);
    finish(this.#known.add(new Map(file), difference));
    return difference.changes;
  }

  #commit(wanted: Patch, knowledge: Knowledge, isOfFile: boolean): void {
    const patch = diff(this.manifest, wanted);
    if (isEmptyPatch(patch)) return;
    const commit = { patch, undo: invert(this.manifest, patch) };
    this.manifest.apply(patch);
    for (const [key, tile] of commit.undo.tiles) if (tile) this.#forgetValue(key, plain(tile));
    for (const [key, tile] of patch.tiles) if (tile) this.#gone.get(key)?.delete(JSON.stringify(plain(tile)));
    this.#commits.push({ commit, isOfFile });
    finish(this.#memory.take(commit, knowledge));
  }

  #forgetValue(key: string, tile: FileTile): void {
    const values = this.#gone.get(key) ?? new Set();
    this.#gone.set(key, values.add(JSON.stringify(tile)));
  }
}

interface Edit {
  readonly patch: Patch;
  readonly undo: Patch;
}

export function plain({ brick, timestamp }: FileTile): FileTile {
  return { brick, timestamp };
}

function isSame(a: Tiles, b: Tiles): boolean {
  return JSON.stringify([...a]) === JSON.stringify([...b]);
}
