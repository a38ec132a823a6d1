import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Logger } from '../../domain/logger.ts';
import type { StaticCompositor } from '../../domain/registration.ts';
import type { Registry } from './registry.ts';
import type { Replica } from '../manifest/replica.ts';

/** Milliseconds before the next attempt, when the store was away. */
const AGAIN = 1000;

/**
 * Keeps the compositors of this daemon's configuration in the manifest: from the start, which may be long before the
 * store is there, and again whenever the manifest was replaced by one that may not know them.
 */
export class StaticCompositors {
  readonly #replica: Replica;
  readonly #registry: Registry;
  readonly #clock: Clock;
  #wanted: readonly StaticCompositor[];
  /** Those that this manifest was last made to have. */
  #entered: readonly StaticCompositor[] = [];
  readonly #log: Logger;
  #unsubscribe: () => void = () => undefined;
  #stopTimer: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: {
    replica: Replica;
    registry: Registry;
    clock: Clock;
    wanted: readonly StaticCompositor[];
    log: Logger;
  }) {
    this.#replica = options.replica;
    this.#registry = options.registry;
    this.#clock = options.clock;
    this.#wanted = options.wanted;
    this.#log = options.log;
  }

  /** Resolves when they are in the manifest, or when that has to wait for the store. */
  async start(): Promise<void> {
    const again = () => {
      this.#entered = [];
      this.#soon();
    };
    this.#unsubscribe = this.#replica.subscribe({ loaded: again, reloaded: again });
    if (this.#replica.loaded) await this.#next();
  }

  /** Another list from now on, in one commit: who is not in it any more leaves. Resolves as `start` does. */
  async replace(wanted: readonly StaticCompositor[]): Promise<void> {
    this.#wanted = wanted;
    if (this.#replica.loaded) await this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#stopTimer();
    await this.#working;
  }

  #soon(ms = 0): void {
    this.#stopTimer();
    this.#stopTimer = this.#clock.after(ms, () => {
      this.#next().catch((error: unknown) =>
        this.#log.error({ err: error }, 'cannot enter the listed compositors'),
      );
    });
  }

  /** One at a time: an older list must not be entered after a newer one. */
  #next(): Promise<void> {
    const adopted = this.#working.then(() => this.#adopt());
    this.#working = adopted.catch(() => undefined);
    return adopted;
  }

  async #adopt(): Promise<void> {
    const wanted = this.#wanted;
    const before = new Map(this.#entered.map((each) => [each.id, each]));
    const same = wanted.filter((each) => isDeepStrictEqual(each, before.get(each.id)));
    if (!this.#registry.hasStatic(wanted)) return;
    try {
      await this.#registry.syncStatic(wanted, new Set(same.map(({ id }) => id)));
      this.#entered = wanted;
    } catch (error) {
      const away =
        error instanceof DomainError && ['store-unavailable', 'outcome-unknown'].includes(error.kind);
      if (!away) throw error;
      this.#log.warn({ err: error }, 'the listed compositors wait for the store');
      if (!this.#stopped) this.#soon(AGAIN);
    }
  }
}
