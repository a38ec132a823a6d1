import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { isWatched } from '../../domain/compositor.ts';
import { DomainError } from '../../domain/errors.ts';
import { forgettable, forgetTiles, isDown, type ForgetPolicy } from '../../domain/forgetting.ts';
import type { Logger } from '../../domain/logger.ts';
import type { Replica } from '../manifest/replica.ts';

export interface ForgettingOptions {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policy: ForgetPolicy;
  /** Whether this replica certainly holds the connection to a compositor now. */
  readonly holds: (id: string) => boolean;
}

/** Milliseconds between two looks. */
const INTERVAL = 1000;
/** Tiles that go in one commit: as many as one request may name. */
const AT_ONCE = 10_000;

/**
 * Removes the tiles of compositors of a configuration that are down for long. The replica that holds the connection looks, and counts
 * the time that it has seen the compositor down itself, without a break: after a hand-over it begins anew.
 */
export class Forgetting {
  readonly #options: ForgettingOptions;
  /** Since when by the monotonic clock. */
  #since = new Map<string, number>();
  #working: Promise<void> | undefined;
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  constructor(options: ForgettingOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, log } = this.#options;
    this.#stopTimer = repeat(clock, INTERVAL, () => {
      this.#working ??= this.#look()
        // The store is away; the next look tries again.
        .catch((error: unknown) => {
          if (!(error instanceof DomainError))
            log.error({ err: error }, 'cannot remove the tiles of who is down');
        })
        .finally(() => (this.#working = undefined));
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#working;
  }

  async #look(): Promise<void> {
    const { replica, clock, policy, holds } = this.#options;
    const now = clock.monotonic();
    const before = this.#since;
    this.#since = new Map();
    let [downNow, listed] = [0, 0];
    for (const [id, entry] of replica.copy.manifest.compositors()) {
      if (entry.managedBy === undefined || !isWatched(entry)) continue;
      listed += 1;
      if (!isDown(entry)) continue;
      downNow += 1;
      if (holds(id)) this.#since.set(id, before.get(id) ?? now);
    }
    const down = new Map(Array.from(this.#since, ([id, since]) => [id, now - since]));
    for (const id of forgettable(down, { downNow, listed }, policy)) await this.#forget(id);
  }

  async #forget(id: string): Promise<void> {
    const { replica, log, holds } = this.#options;
    let removed = 0;
    while (replica.copy.manifest.usageOf(id).tiles > 0 && holds(id) && !this.#stopped) {
      const { changed } = await replica.submit((manifest) => {
        return { patch: forgetTiles(manifest, id, AT_ONCE), by: 'daemon', result: undefined };
      });
      if (changed === 0) break;
      removed += changed;
    }
    if (removed > 0)
      log.info({ compositor: id, tiles: removed }, 'down for connect.forget; its tiles are removed');
  }
}
