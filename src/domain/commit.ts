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

/** Where the patch begins in a line. Inside of a JSON string these quotes would be escaped. */
const PATCH = ',"patch":';
/** Never in a line: what is broken on a disk most often has some of them. */
const CONTROL = /[^ -\uffff]/;

/**
 * The commit in a line that {@link encodeCommit} wrote. Its patch and undo stay text until somebody needs them: a daemon that starts
 * loads thousands of commits, of which readers that come back need the newest few. Throws a SyntaxError for any other text.
 */
export function decodeCommit(text: string): Commit {
  const at = text.indexOf(PATCH);
  if (at < 0 || !text.endsWith('}}}') || CONTROL.test(text))
    throw new SyntaxError('it is no line of a commit');
  const rest = JSON.parse(`${text.slice(0, at)}}`) as Omit<Commit, 'patch' | 'undo'>;
  let line: string | undefined = text;
  let changes: Pick<Commit, 'patch' | 'undo'> | undefined;
  const decoded = () => {
    changes ??= decodeChanges(`{${line!.slice(at + 1)}`);
    line = undefined;
    return changes;
  };
  const commit = {
    ...rest,
    get patch() {
      return decoded().patch;
    },
    get undo() {
      return decoded().undo;
    },
  };
  sizes.set(commit, Buffer.byteLength(text));
  return commit;
}

function decodeChanges(text: string): Pick<Commit, 'patch' | 'undo'> {
  const { patch, undo } = JSON.parse(text) as { patch: PatchJson; undo: PatchJson };
  return { patch: patchFromJson(patch), undo: patchFromJson(undo) };
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
