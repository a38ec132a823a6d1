import { isDeepStrictEqual } from 'node:util';
import { Semaphore } from '../../concurrency/semaphore.ts';
import type { Clock } from '../../domain/clock.ts';
import { isStoreProblem } from '../../domain/errors.ts';
import type { Logger } from '../../domain/logger.ts';
import type { StaticCompositor } from '../../domain/registration.ts';
import type { Registry } from './registry.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';

/** Milliseconds before the next try, when the store was away. */
const RETRY = 1000;

interface StaticCompositorsOptions {
  readonly copy: ManifestCopy;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly wanted: readonly StaticCompositor[];
  readonly log: Logger;
}

/**
 * Keeps the compositors of this daemon's configuration in the manifest: from the start, which may be long before the
 * store is there, and again whenever the manifest was replaced by one that may not know them.
 */
export class StaticCompositors {
  readonly #options: StaticCompositorsOptions;
  #wanted: readonly StaticCompositor[];
  /** Those that were last brought into this manifest. */
  #registered: readonly StaticCompositor[] = [];
  /** One at a time: an older list must not be registered after a newer one. */
  readonly #mutex = new Semaphore(1);
  #unsubscribe: () => void = () => undefined;
  #stopTimer: () => void = () => undefined;
  #stopped = false;
  /** It was logged that they wait. */
  #isWaiting = false;

  constructor(options: StaticCompositorsOptions) {
    this.#options = options;
    this.#wanted = options.wanted;
  }

  /** Resolves when they are in the manifest, or when that has to wait for the store. */
  async start(): Promise<void> {
    const again = () => {
      this.#registered = [];
      this.#schedule(0);
    };
    this.#unsubscribe = this.#options.copy.subscribe({ loaded: again, reloaded: again });
    if (this.#options.copy.loaded) await this.#sync();
  }

  /** Registers another list in one commit: who is no longer in it leaves. Resolves as `start` does. */
  async replace(wanted: readonly StaticCompositor[]): Promise<void> {
    this.#wanted = wanted;
    if (this.#options.copy.loaded) await this.#sync();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#stopTimer();
    await this.#mutex.run(() => undefined);
  }

  #schedule(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(ms, () => {
      this.#sync().catch((error: unknown) =>
        this.#options.log.error({ err: error }, 'cannot register the static compositors'),
      );
    });
  }

  #sync(): Promise<void> {
    return this.#mutex.run(() => this.#syncNow());
  }

  async #syncNow(): Promise<void> {
    const wanted = this.#wanted;
    const before = new Map(this.#registered.map((each) => [each.id, each]));
    const same = wanted.filter((each) => isDeepStrictEqual(each, before.get(each.id)));
    if (!this.#options.registry.hasStatic(wanted)) return;
    try {
      await this.#options.registry.syncStatic(wanted, new Set(same.map(({ id }) => id)));
      this.#registered = wanted;
      this.#isWaiting = false;
    } catch (error) {
      if (!isStoreProblem(error)) throw error;
      if (!this.#isWaiting)
        this.#options.log.warn({ err: error }, 'the static compositors wait for the store');
      this.#isWaiting = true;
      if (!this.#stopped) this.#schedule(RETRY);
    }
  }
}
