import { setImmediate } from 'node:timers/promises';
import type { Withdrawn } from '../../domain/batch-changes.ts';
import { commitSize, type Commit } from '../../domain/commit.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { GENESIS, revisionOf, type Cursor } from '../../domain/cursor.ts';
import { LiveManifest } from '../../domain/live-manifest.ts';
import { contradictionIn, StoreUnreachable, type LoadedState } from '../../domain/store.ts';
import { NO_GUARD, type MemoryGuard } from '../../domain/memory-guard.ts';
import type { Region } from '../../domain/region.ts';
import { finish } from '../../domain/steps.ts';
import { decodeTile } from '../../domain/stored-tile.ts';
import type { Tile } from '../../domain/tile.ts';
import type { Keys } from './keys.ts';
import { decodeEntry, missedIn, PAGE_BYTES } from './commit-log.ts';
import type { RedisConnection, Reply } from './redis-connection.ts';
import { damaged } from './redis-errors.ts';
import { runScript, SCRIPTS } from './scripts.ts';
import { readWithdrawn } from './sweep.ts';

/** How many fields one step of a scan asks for. */
const SCAN_COUNT = 2000;
/** After so many steps of a scan the log is read again, before what we still need of it is trimmed. */
const STEPS = 16;
/** How often a load starts again because the history changed meanwhile, before it gives up. */
const ATTEMPTS = 4;

/** The parts contradict each other: the history was cut, emptied or replaced meanwhile, or is damaged. */
class Contradiction extends Error {}

export interface Loaded {
  readonly state: LoadedState;
  /** Whether tiles of withdrawn compositors may still lie there. */
  readonly unswept: boolean;
}

/**
 * Everything as of one head. `connection` must be one that never comes back under the same name: after a failover
 * the promoted copy's HSCAN would skip fields in silence. Throws an Error of one line when the parts contradict each
 * other, and what `memory` throws.
 */
export async function loadState(
  connection: RedisConnection,
  keys: Keys,
  memory: MemoryGuard = NO_GUARD,
): Promise<Loaded> {
  let before = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await new Loading(connection, keys, memory).run();
    } catch (error) {
      if (!(error instanceof Contradiction)) throw error;
      // Twice the same: nothing changed meanwhile, so the data are damaged.
      if (error.message === before) throw damaged(connection.where, before);
      before = error.message;
    }
  }
  throw new StoreUnreachable('the history in Redis changes faster than it can be read');
}

class Loading {
  readonly #connection: RedisConnection;
  readonly #keys: Keys;
  readonly #memory: MemoryGuard;
  readonly #log: Commit[] = [];
  #head: Cursor = GENESIS;

  constructor(connection: RedisConnection, keys: Keys, memory: MemoryGuard) {
    this.#connection = connection;
    this.#keys = keys;
    this.#memory = memory;
  }

  async run(): Promise<Loaded> {
    await this.#findBase();
    await this.#followLog();
    // From here on every change that the scan may miss is in the log, after this revision.
    const scannedFrom = revisionOf(this.#head);
    const withdrawn = await readWithdrawn(this.#connection, this.#keys);
    const manifest = await this.#scanAll(withdrawn);
    await this.#followLog();
    // Entries replace whole, so applying one that the scan has seen already is harmless.
    const later = this.#log.filter((commit) => revisionOf(commit.cursor) > scannedFrom);
    for (const commit of later) manifest.commit(commit);
    finish(manifest.sweep());
    const state = { head: this.#head, manifest, log: this.#log };
    const contradiction = contradictionIn(state);
    if (contradiction !== undefined) throw new Contradiction(contradiction);
    return { state, unswept: withdrawn.size > 0 };
  }

  /**
   * The manifest, but for what the log says after the head that was read last. `withdrawn` must be read after that head, while
   * sweeps go on and end as they like:
   * - A tile that is gone at that head: either its withdrawal is in `withdrawn`, so it is left out, or that was forgotten
   *   before, so the tile is swept and the scan does not find it.
   * - A tile that is there at that head: it is newer than the withdrawals of its owner until then, so it is left out only for
   *   a later one, which is in the log and takes it away in any case.
   * - A tile written after that head may be left out wrongly: it has no revision when everything was swept meanwhile, and then
   *   looks older than a withdrawal read before. But it is in the log, so it is set again.
   */
  async #scanAll(withdrawn: Withdrawn): Promise<LiveManifest> {
    const manifest = new LiveManifest();
    await this.#scan(this.#keys.compositors, (pairs) => {
      manifest.add({ compositors: compositorsIn(pairs, this.#memory) }, this.#memory);
    });
    await this.#scan(this.#keys.regions, (pairs) => {
      manifest.add({ regions: regionsIn(pairs) }, this.#memory);
    });
    await this.#scan(this.#keys.tiles, (pairs) => {
      manifest.add({ tiles: tilesIn(pairs, withdrawn) }, this.#memory);
    });
    return manifest;
  }

  /** Where the log begins: the cursor before its oldest commit. */
  async #findBase(): Promise<void> {
    const { where } = this.#connection;
    const reply = await this.#connection.call('xrange', [this.#keys.log, '-', '+', 'COUNT', 1]);
    const [oldest] = reply as [string, string[]][];
    const index = oldest?.[1].indexOf('commit') ?? -1;
    if (!oldest) return;
    if (index < 0) throw damaged(where, `the entry ${oldest[0]} of its log was not written by compositord`);
    this.#head = decodeEntry(oldest[1][index + 1] ?? '', where).prev;
  }

  async #followLog(): Promise<void> {
    for (;;) {
      const args = [this.#head, PAGE_BYTES];
      const reply = await runScript(this.#connection, SCRIPTS.read, [this.#keys.log], args);
      const missed = missedIn(reply, this.#head, this.#connection.where);
      if (!missed.found)
        throw new Contradiction(`its log does not lead on from ${this.#head} to ${missed.head}`);
      this.#log.push(...missed.commits);
      for (const commit of missed.commits) this.#memory.grow(2 * commitSize(commit));
      this.#head = missed.commits.at(-1)?.cursor ?? this.#head;
      if (missed.head === this.#head) return;
    }
  }

  /** Calls `take` with the fields of a hash and their texts, one after the other, in pages. */
  async #scan(key: string, take: (pairs: readonly string[]) => void): Promise<void> {
    let reply: Promise<Reply> | undefined = this.#page(key, '0');
    for (let steps = 1; reply; steps++) {
      const [next, pairs] = (await reply) as [string, readonly string[]];
      // Redis reads the next page while this one is decoded: it has to be sent before.
      reply = next === '0' ? undefined : this.#page(key, next);
      reply?.catch(() => undefined);
      await setImmediate();
      try {
        take(pairs);
        if (steps % STEPS === 0) await this.#followLog();
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        const what = `an entry of ${key} is not JSON: ${error.message}`;
        throw damaged(this.#connection.where, what);
      }
    }
  }

  #page(key: string, position: string): Promise<Reply> {
    return this.#connection.call('hscan', [key, position, 'COUNT', SCAN_COUNT]);
  }
}

function* compositorsIn(pairs: readonly string[], memory: MemoryGuard): Generator<[string, Compositor]> {
  for (let i = 0; i < pairs.length; i += 2) {
    const [id, text] = [pairs[i]!, pairs[i + 1]!];
    memory.grow(2 * (id.length + text.length));
    yield [id, parse(text) as Compositor];
  }
}

function* regionsIn(pairs: readonly string[]): Generator<[string, Region]> {
  for (let i = 0; i < pairs.length; i += 2) yield [pairs[i]!, parse(pairs[i + 1]!) as Region];
}

function* tilesIn(pairs: readonly string[], withdrawn: Withdrawn): Generator<[string, Tile]> {
  for (let i = 0; i < pairs.length; i += 2) {
    const tile = decodeTile(pairs[i + 1]!, withdrawn);
    if (tile) yield [pairs[i]!, tile];
  }
}

function parse(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new SyntaxError(text.slice(0, 40));
  return value;
}
