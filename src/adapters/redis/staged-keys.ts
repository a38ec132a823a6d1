import type { Commit } from '../../domain/commit.ts';
import { leaseKey, type Lease } from '../../domain/lease.ts';
import { StoreUnreachable } from '../../domain/store.ts';
import { encodeEntry } from './commit-log.ts';
import { stagedKey, type Keys } from './keys.ts';
import type { Arguments, RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** What can be staged. */
export const STAGED = ['log', 'tiles', 'compositors', 'regions', 'leases'] as const;
export type Staged = (typeof STAGED)[number];

interface Entries {
  readonly commits: Iterable<Commit>;
  readonly tiles: Iterable<readonly [string, unknown]>;
  readonly compositors: Iterable<readonly [string, unknown]>;
  readonly regions: Iterable<readonly [string, unknown]>;
  readonly leases: Iterable<Lease>;
}

export interface StagedKeysOptions {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly id: string;
  /** Seconds after which they expire, from when something was last added. */
  readonly keptFor: number;
}

/** Entries that one command carries, and about how many bytes. */
const CHUNK_ENTRIES = 2000;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Keys beside those of the store, which nobody reads until all of them are moved into place at once. Each round trip has its own
 * time limit, since a million tiles take longer than any one call may. A call that stays unanswered does no harm.
 */
export class StagedKeys {
  /** The keys of a store that would hold what is staged. */
  readonly names: Keys;
  readonly #options: StagedKeysOptions;

  constructor(options: StagedKeysOptions) {
    const { keys, id } = options;
    this.#options = options;
    const staged: [string, string][] = Object.entries<string>({ ...keys }).map(([name, key]) => [
      name,
      stagedKey(key, id),
    ]);
    this.names = Object.fromEntries(staged) as unknown as Keys;
  }

  /** Resolves when Redis has it. */
  async add({ commits, leases, ...entries }: Entries): Promise<void> {
    const { log, leases: deadlines } = this.names;
    for (const chunk of chunksOf(entriesOf(commits), ([, , text]) => text.length))
      await this.#send(
        chunk.map(([revision, cursor, text]) => [
          'xadd',
          [log, `${revision}-0`, 'cursor', cursor, 'commit', text],
        ]),
      );
    for (const name of ['tiles', 'compositors', 'regions'] as const)
      for (const chunk of chunksOf(textsOf(entries[name]), ([, text]) => text.length))
        await this.#send([['hset', [this.names[name], ...chunk.flat()]]]);
    for (const chunk of chunksOf(leases, () => 0))
      await this.#send([
        ['zadd', [deadlines, ...chunk.flatMap((lease) => [lease.deadline, leaseKey(lease)])]],
      ]);
  }

  /**
   * Moves into place those with a size, which is how many entries they have. False: the store is not empty, and nothing was done,
   * unless `replace` is set.
   */
  async moveIn(
    sizes: Partial<Readonly<Record<Staged, number>>>,
    { format, replace }: { format: number; replace: boolean },
  ): Promise<boolean> {
    const { connection, keys } = this.#options;
    const moved = STAGED.filter((name) => sizes[name] !== undefined);
    const pairs = moved.flatMap((name) => [keys[name], this.names[name]]);
    const args = [format, replace ? 1 : 0, ...moved.map((name) => sizes[name]!)];
    const names = [keys.log, keys.format, keys.withdrawn, ...pairs];
    const done = await runScript(connection, SCRIPTS.fill, names, args);
    if (done === -1) throw new StoreUnreachable('the store was emptied again while it was filled');
    return done === 1;
  }

  async discard(): Promise<void> {
    await this.#options.connection.call('unlink', this.#all());
  }

  async #send(commands: readonly (readonly [command: string, args: Arguments])[]): Promise<void> {
    const { connection, keptFor } = this.#options;
    const sent = commands.map(([command, args]) => connection.call(command, args));
    const kept = this.#all().map((key) => connection.call('expire', [key, keptFor]));
    await Promise.all([...sent, ...kept]);
  }

  #all(): string[] {
    return STAGED.map((name) => this.names[name]);
  }
}

function* entriesOf(commits: Iterable<Commit>): Generator<ReturnType<typeof encodeEntry>> {
  for (const commit of commits) yield encodeEntry(commit);
}

function* textsOf(entries: Iterable<readonly [string, unknown]>): Generator<[field: string, text: string]> {
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
