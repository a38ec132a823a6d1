import type { Cursor } from './cursor.ts';
import type { Compositor } from './compositor.ts';
import type { Patch } from './patch.ts';
import type { Tile } from './tile.ts';

/** One atomic change, as the log holds it. */
export interface Commit {
  readonly cursor: Cursor;
  /** The cursor it was made on; a replica applies it on exactly that one. */
  readonly prev: Cursor;
  /** Names the write: tried again after a lost reply, it carries the same id. */
  readonly id: string;
  readonly patch: Patch;
  /** The inverse of `patch`. */
  readonly undo: Patch;
  /**
   * The compositor that goes with every tile it has, which are too many to be named one by one. As stores keep it, its `patch` and `undo` name
   * no tile: each copy of the manifest knows them ({@link LiveManifest.withdraw}).
   */
  readonly withdraws?: string;
  /** The digest of the whole map after it, `<tiles>-<8 hex>`. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly committedAt: number;
  /** The compositor on whose behalf it was made, or `daemon`. */
  readonly by: string;
  /** The name of the token that wanted it; absent for what needed none. */
  readonly principal?: string;
  /** The replica that made it. */
  readonly origin: string;
}

interface PatchJson {
  compositors?: Record<string, Compositor | null>;
  tiles?: Record<string, Tile | null>;
}

/** Lengths of what was encoded or decoded: the history asks for them after the store did the work. */
const sizes = new WeakMap<Commit, number>();

/** How many bytes {@link encodeCommit} makes of it. */
export function commitSize(commit: Commit): number {
  return sizes.get(commit) ?? Buffer.byteLength(encodeCommit(commit));
}

/** A commit as one line of JSON: the form in which every store keeps it. */
export function encodeCommit(commit: Commit): string {
  const { patch, undo, ...rest } = commit.withdraws === undefined ? commit : withoutTiles(commit);
  const text = JSON.stringify({ ...rest, patch: patchToJson(patch), undo: patchToJson(undo) });
  sizes.set(commit, Buffer.byteLength(text));
  return text;
}

/** The commit in a line that {@link encodeCommit} wrote. */
export function decodeCommit(text: string): Commit {
  const json = JSON.parse(text) as Omit<Commit, 'patch' | 'undo'> & { patch: PatchJson; undo: PatchJson };
  const commit = { ...json, patch: patchFromJson(json.patch), undo: patchFromJson(json.undo) };
  sizes.set(commit, Buffer.byteLength(text));
  return commit;
}

/** A commit that withdraws, as stores keep it. */
function withoutTiles(commit: Commit): Commit {
  const { patch, undo } = commit;
  return { ...commit, patch: { ...patch, tiles: new Map() }, undo: { ...undo, tiles: new Map() } };
}

function patchToJson(patch: Patch): PatchJson {
  return { compositors: Object.fromEntries(patch.compositors), tiles: Object.fromEntries(patch.tiles) };
}

function patchFromJson(json: PatchJson): Patch {
  return {
    compositors: new Map(Object.entries(json.compositors ?? {})),
    tiles: new Map(Object.entries(json.tiles ?? {})),
  };
}
