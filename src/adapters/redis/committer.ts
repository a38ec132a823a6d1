import { sleep } from '../../concurrency/timeout.ts';
import { changesOf } from '../../domain/batch-changes.ts';
import type { Clock } from '../../domain/clock.ts';
import { revisionOf } from '../../domain/cursor.ts';
import { leaseKey } from '../../domain/lease.ts';
import { newestFeature } from '../../domain/store-feature.ts';
import {
  STORE_TIMEOUT,
  StoreUnreachable,
  StoreUnusable,
  type Batch,
  type CommitResult,
} from '../../domain/store.ts';
import { encodeEntry, MISSED_BYTES, missedIn } from './commit-log.ts';
import { FORMATS, type Keys } from './keys.ts';
import type { Arguments, RedisConnection } from './redis-connection.ts';
import { runScript, SCRIPTS } from './scripts.ts';

/** Milliseconds: the shortest and the longest ticket. A client that dies with one holds the others back for that long. */
const SHORTEST = 20;
const LONGEST = 500;

export interface CommitterOptions {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Names this client among those that commit to the same store. */
  readonly name: string;
}

/**
 * Sends batches to `commit.lua`. A client that loses the race for the head gets a ticket there, which holds the others
 * back until it has committed: without it a client far away from Redis would lose for ever.
 */
export class Committer {
  readonly #options: CommitterOptions;
  /** Milliseconds, smoothed: a single slow one counts little, since it may have been a stall of our own. */
  #roundTrip = 0;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Sends the batch again while another client's ticket holds it back; that was refused, so it may be sent again. */
  async commit(batch: Batch): Promise<CommitResult> {
    const { clock, connection } = this.#options;
    const { where } = connection;
    const deadline = clock.monotonic() + STORE_TIMEOUT;
    for (;;) {
      const left = deadline - clock.monotonic();
      if (left <= 0) throw new StoreUnreachable('others are committing all the time', { reason: 'busy' });
      const [outcome, ...rest] = await this.#send(batch, left);
      if (outcome === 'taken') return { taken: true };
      if (outcome === 'lease')
        return { taken: false, why: 'lease', missed: { head: batch.expect, commits: [], found: true } };
      if (outcome === 'head')
        return { taken: false, why: 'head', missed: missedIn(rest, batch.expect, where) };
      if (outcome === 'format')
        throw new StoreUnusable(`A newer compositord has taken over the store at ${where}: use that one.`, {
          reason: 'newer-format',
        });
      // Most holders of a ticket need less time than it gives them.
      await sleep(clock, Math.min(Math.max(Number(rest[0]) / 4, 1), 25));
    }
  }

  async #send(batch: Batch, timeout: number): Promise<readonly (string | number)[]> {
    const { connection, keys, clock, name } = this.#options;
    const args = commitArguments(batch, name, this.#ticketTime());
    const begun = clock.monotonic();
    const names = [keys.log, keys.tiles, keys.compositors, keys.leases, keys.tickets, keys.format];
    names.push(keys.withdrawn, keys.regions);
    const reply = await runScript(connection, SCRIPTS.commit, names, args, timeout);
    this.#roundTrip += (clock.monotonic() - begun - this.#roundTrip) / 4;
    return reply as readonly (string | number)[];
  }

  /**
   * Milliseconds for which a ticket lasts: three round trips, since its holder may lose once more to a client before it
   * in the queue, and the ticket must outlast that, the planning, and the way to Redis once again.
   */
  #ticketTime(): number {
    return Math.round(Math.min(LONGEST, SHORTEST + 3 * this.#roundTrip));
  }
}

/** `ARGV` of commit.lua; `ticketTime` in milliseconds. */
function commitArguments(batch: Batch, name: string, ticketTime: number): (string | number)[] {
  const { patch, withdrawn } = changesOf(batch.commits);
  const tiles = split(patch.tiles);
  const compositors = split(patch.compositors);
  const regions = split(patch.regions);
  const head = revisionOf(batch.commits.at(-1)?.cursor ?? batch.expect);
  // Each with how many arguments one of its items takes.
  const lists: (readonly [width: number, args: Arguments])[] = [
    [3, batch.commits.flatMap(encodeEntry)],
    [2, [...withdrawn].flat()],
    [2, tiles.set],
    [1, tiles.removed],
    [2, compositors.set],
    [1, compositors.removed],
    [2, regions.set],
    [1, regions.removed],
    [2, batch.grants.flatMap((lease) => [leaseKey(lease), lease.ttl * 1000])],
    [1, batch.drops.map(leaseKey)],
    [1, batch.expired.map(leaseKey)],
  ];
  return [
    `${FORMATS[newestFeature(batch.commits)]} of ${Object.values(FORMATS).join(' ')}`,
    batch.expect,
    name,
    ticketTime,
    // Never the newest: without it nothing says what the head holds. And no id that Redis would refuse half way.
    Math.max(0, Math.min(batch.keepFrom, head)),
    MISSED_BYTES,
    lists.map(([width, args]) => args.length / width).join(' '),
    ...lists.flatMap(([, args]) => args),
  ];
}

function split(entries: ReadonlyMap<string, unknown>): { set: string[]; removed: string[] } {
  const set: string[] = [];
  const removed: string[] = [];
  for (const [key, value] of entries) {
    if (value === null) removed.push(key);
    else set.push(key, JSON.stringify(value));
  }
  return { set, removed };
}
