import { randomUUID } from 'node:crypto';
import { StoreUnreachable, type StoreState } from '../../domain/store.ts';
import { FORMAT, FORMAT_WITHOUT_WITHDRAWALS, stagedKey, type Keys } from './keys.ts';
import { encodeEntry } from './commit-log.ts';
import type { Arguments, RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** Entries that one command carries, and about how many bytes. */
const CHUNK_ENTRIES = 2000;
const CHUNK_BYTES = 1024 * 1024;
/** Seconds after which the staged keys of a refill that broke off expire. */
const STAGED_FOR = 60;

/**
 * Puts `state` into an empty Redis: first under staged keys, then all of it into place at once if the log is still
 * empty. Each round trip has its own time limit, since a million tiles take longer than any one call may.
 */
export async function refill(connection: RedisConnection, keys: Keys, state: StoreState): Promise<boolean> {
  const id = randomUUID();
  const targets = [keys.log, keys.tiles, keys.compositors];
  const staged = targets.map((key) => stagedKey(key, id));
  const [log = '', tiles = '', compositors = ''] = staged;
  // A call that stays unanswered does no harm: nobody reads the staged keys.
  const stage = async (key: string, command: string, each: Arguments[]) => {
    const sent = each.map((args) => connection.call(command, [key, ...args]));
    await Promise.all([...sent, connection.call('expire', [key, STAGED_FOR])]);
  };
  try {
    for (const chunk of chunksOf(state.log.map(encodeEntry), ([, , text]) => text.length))
      await stage(
        log,
        'xadd',
        chunk.map(([revision, cursor, text]) => [`${revision}-0`, 'cursor', cursor, 'commit', text]),
      );
    for (const [key, entries] of [
      [tiles, state.manifest.tiles],
      [compositors, state.manifest.compositors],
    ] as const)
      for (const chunk of chunksOf(textsOf(entries), ([, text]) => text.length))
        await stage(key, 'hset', [chunk.flat()]);
    const sizes = [state.log.length, state.manifest.tiles.size, state.manifest.compositors.size];
    const names = [...targets, ...staged, keys.format, keys.withdrawn];
    const withdraws = state.log.some((commit) => commit.withdraws !== undefined);
    const format = withdraws ? FORMAT : FORMAT_WITHOUT_WITHDRAWALS;
    const done = await runScript(connection, SCRIPTS.refill, names, [...sizes, format]);
    if (done === -1) throw new StoreUnreachable('the store was emptied again while it was filled');
    return done === 1;
  } finally {
    // Else a failed refill leaves a second map in Redis for a minute. If this fails, too, the keys expire.
    await connection.call('unlink', staged).catch(() => undefined);
  }
}

function* textsOf(entries: ReadonlyMap<string, unknown>): Generator<[field: string, text: string]> {
  for (const [field, value] of entries) yield [field, JSON.stringify(value)];
}

/** Cuts `items` so that no command is too large for one round trip in time. */
function* chunksOf<T>(items: Iterable<T>, sizeOf: (item: T) => number): Generator<T[]> {
  let chunk: T[] = [];
  let size = 0;
  for (const item of items) {
    chunk.push(item);
    size += sizeOf(item);
    if (chunk.length < CHUNK_ENTRIES && size < CHUNK_BYTES) continue;
    yield chunk;
    [chunk, size] = [[], 0];
  }
  if (chunk.length > 0) yield chunk;
}
