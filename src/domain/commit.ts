import { parseCursor, type Cursor } from './cursor.ts';
import type { Compositor } from './compositor.ts';
import type { Patch } from './patch.ts';
import type { Region } from './region.ts';
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
  /** Absent without any, so that such a commit has the text that it had before there were regions. */
  regions?: Record<string, Region | null>;
}

/** Lengths of what was encoded or decoded: the history asks for them after the store did the work. */
const sizes = new WeakMap<Commit, number>();
/** The lines of commits that were decoded, as long as nobody has needed their changes. */
const lines = new WeakMap<Commit, () => string | undefined>();

/** How many bytes {@link encodeCommit} makes of it. */
export function commitSize(commit: Commit): number {
  return sizes.get(commit) ?? Buffer.byteLength(encodeCommit(commit));
}

/** A commit as one line of JSON: the form in which every store keeps it. */
export function encodeCommit(commit: Commit): string {
  const line = lines.get(commit)?.();
  if (line !== undefined) return line;
  const { patch, undo, ...rest } = commit.withdraws === undefined ? commit : withoutTiles(commit);
  const text = `${JSON.stringify(rest).slice(0, -1)}${PATCH}${patchText(patch)},"undo":${patchText(undo)}}`;
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
  lines.set(commit, () => line);
  return commit;
}

/** False: `commit` certainly leaves the tile of this cell as it is. Does not decode its changes. */
export function mayChange(commit: Commit, cell: string): boolean {
  // A withdrawal's text names no tile.
  if (commit.withdraws !== undefined) return true;
  const line = lines.get(commit)?.();
  return line === undefined || line.includes(`"${cell}":`);
}

/** Whether a decoded commit has all that its readers rely on, but for its changes. Others may have written its line. */
export function isComplete({ cursor, prev, id, digest, committedAt, withdraws = '' }: Commit): boolean {
  return (
    [cursor, prev].every((one) => typeof one === 'string' && parseCursor(one) !== undefined) &&
    [id, digest, withdraws].every((one) => typeof one === 'string') &&
    typeof committedAt === 'number'
  );
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

function patchText({ compositors, tiles, regions }: Patch): string {
  const some = regions.size === 0 ? '' : `,"regions":{${members(regions)}}`;
  return `{"compositors":{${members(compositors)}},"tiles":{${members(tiles)}}${some}}`;
}

/** Text by text: an object with these names would give V8 another shape to learn for each commit. */
function members(entries: ReadonlyMap<string, Compositor | Tile | Region | null>): string {
  let text = '';
  for (const [name, value] of entries)
    text += `${text && ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return text;
}

function patchFromJson(json: PatchJson): Patch {
  return {
    compositors: new Map(Object.entries(json.compositors ?? {})),
    tiles: new Map(Object.entries(json.tiles ?? {})),
    regions: new Map(Object.entries(json.regions ?? {})),
  };
}
