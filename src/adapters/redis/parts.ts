import { randomUUID } from 'node:crypto';
import { noteCommitSize, type Commit } from '../../domain/commit.ts';
import type { Patch } from '../../domain/patch.ts';
import type { Tile } from '../../domain/tile.ts';
import { changesKeys, partsKey, type Keys } from './keys.ts';
import type { Arguments, RedisConnection } from './redis-connection.ts';

/** When a commit is kept in parts, and how large a part is. */
export interface PartLimits {
  /** A commit of more tiles is kept in parts. */
  readonly tiles: number;
  /** Characters of one part, about. */
  readonly chars: number;
}

/** No request has more tiles, so only a compositor's end, or a `PUT` that replaces very much, is kept in parts. */
export const PART_LIMITS: PartLimits = { tiles: 10_000, chars: 256 * 1024 };

/** What the log's entry says of a commit whose tiles are kept in parts. */
export interface Parts {
  readonly id: string;
  readonly count: number;
  /** Bytes of all of them. */
  readonly size: number;
}

/** The tile changes of a batch, staged for apply.lua. */
export interface StagedChanges {
  readonly id: string;
  /** Items of the list of fields and values, and of the list of fields. */
  readonly set: number;
  readonly removed: number;
}

/** Seconds after which what is staged expires, unless it was committed or more was staged with it. */
const STAGED_FOR = 60;
/** Parts that one reply carries. */
const READ_AT_ONCE = 4;
const FIELDS_AT_ONCE = 2000;
const CALLS_AT_ONCE = 8;

/** One tile in a part: key, the tile after the commit, the tile before it. */
type PartEntry = readonly [key: string, after: Tile | null, before: Tile | null];

/** Stages the tiles of `commit`, for `expire` seconds. Nobody reads them before an entry of the log names them. */
export async function stageParts(
  connection: RedisConnection,
  keys: Keys,
  commit: Commit,
  { limits, expire = STAGED_FOR }: { limits: PartLimits; expire?: number },
): Promise<Parts> {
  const id = randomUUID();
  const calls = new Calls();
  let [count, size] = [0, 0];
  for (const text of textsOf(commit, limits.chars)) {
    await calls.add(push(connection, partsKey(keys, id), [text], expire));
    count += 1;
    size += Buffer.byteLength(text);
  }
  await calls.done();
  noteCommitSize(commit, size);
  return { id, count, size };
}

/** Stages what a batch changes in the hash of tiles. */
export async function stageChanges(
  connection: RedisConnection,
  keys: Keys,
  tiles: Patch['tiles'],
): Promise<StagedChanges> {
  const id = randomUUID();
  const names = changesKeys(keys, id);
  const set: string[] = [];
  const removed: string[] = [];
  const counts = { id, set: 0, removed: 0 };
  const calls = new Calls();
  const flush = async (list: 'set' | 'removed', args: string[]) => {
    if (args.length === 0) return;
    counts[list] += args.length;
    await calls.add(push(connection, names[list], args.splice(0)));
  };
  let chars = 0;
  for (const [key, tile] of tiles) {
    if (tile === null) removed.push(key);
    else {
      const text = JSON.stringify(tile);
      set.push(key, text);
      chars += text.length;
    }
    if (removed.length >= FIELDS_AT_ONCE) await flush('removed', removed);
    if (set.length >= FIELDS_AT_ONCE || chars >= PART_LIMITS.chars) {
      await flush('set', set);
      chars = 0;
    }
  }
  await flush('removed', removed);
  await flush('set', set);
  await calls.done();
  return counts;
}

/** Puts the tiles of the parts into `commit`; false when some are missing, because the log was trimmed meanwhile. */
export async function readParts(
  connection: RedisConnection,
  keys: Keys,
  commit: Commit,
  { id, count, size }: Parts,
): Promise<boolean> {
  const read = (from: number) => {
    const texts = connection.call('lrange', [partsKey(keys, id), from, from + READ_AT_ONCE - 1]);
    // Awaited below, perhaps after the one before it failed.
    texts.catch(() => undefined);
    return texts as Promise<readonly string[]>;
  };
  let next = read(0);
  for (let from = 0; from < count; from += READ_AT_ONCE) {
    const texts = await next;
    if (texts.length < Math.min(READ_AT_ONCE, count - from)) return false;
    // On its way while these are decoded.
    if (from + READ_AT_ONCE < count) next = read(from + READ_AT_ONCE);
    for (const text of texts)
      for (const [key, after, before] of JSON.parse(text) as PartEntry[]) {
        commit.patch.tiles.set(key, after);
        commit.undo.tiles.set(key, before);
      }
  }
  noteCommitSize(commit, size);
  return true;
}

/** Best effort: what stays expires. */
export async function discard(
  connection: RedisConnection,
  keys: Keys,
  parts: readonly { readonly id: string }[],
): Promise<void> {
  const names = parts.flatMap(({ id }) => {
    const { set, removed } = changesKeys(keys, id);
    return [partsKey(keys, id), set, removed];
  });
  if (names.length > 0) await connection.call('unlink', names).catch(() => undefined);
}

/** Calls on their way, in order: waiting for each answer would cost a round trip a part. */
class Calls {
  readonly #waiting: Promise<unknown>[] = [];

  /** Resolves when another call may be sent; rejects when an earlier one failed. */
  async add(call: Promise<unknown>): Promise<void> {
    // Awaited later, or never, should one before it fail.
    call.catch(() => undefined);
    this.#waiting.push(call);
    if (this.#waiting.length >= CALLS_AT_ONCE) await this.#waiting.shift();
  }

  async done(): Promise<void> {
    await Promise.all(this.#waiting);
  }
}

async function push(
  connection: RedisConnection,
  key: string,
  args: Arguments,
  expire = STAGED_FOR,
): Promise<void> {
  // A call that stays unanswered does no harm: the script compares how many there are.
  await Promise.all([connection.call('rpush', [key, ...args]), connection.call('expire', [key, expire])]);
}

function* textsOf({ patch, undo }: Commit, chars: number): Generator<string> {
  let entries: string[] = [];
  let size = 0;
  for (const [key, after] of patch.tiles) {
    const entry: PartEntry = [key, after, undo.tiles.get(key) ?? null];
    const text = JSON.stringify(entry);
    entries.push(text);
    size += text.length;
    if (size < chars) continue;
    yield `[${entries.join()}]`;
    [entries, size] = [[], 0];
  }
  if (entries.length > 0) yield `[${entries.join()}]`;
}
