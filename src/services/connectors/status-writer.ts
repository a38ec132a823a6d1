import type { Clock } from '../../domain/clock.ts';
import { withConnectionStatus, type ConnectionStatus } from '../../domain/connection-status.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Logger } from '../../domain/logger.ts';
import { emptyPatch } from '../../domain/patch.ts';
import type { Replica } from '../manifest/replica.ts';

/** Milliseconds from the first status to its commit, so that those that come together share it. */
const DELAY = 50;
/** Milliseconds between two commits. */
const INTERVAL = 1000;

/** Writes what connections know into the manifest, many of them in one commit. */
export class StatusWriter {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #holds: (id: string) => boolean;
  #waiting = new Map<string, ConnectionStatus>();
  #wroteAt = -Infinity;
  #scheduled = false;
  #writing: Promise<void> = Promise.resolve();
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  /** `holds`: whether this replica certainly holds the connection now. Otherwise it must not write what it knows. */
  constructor(options: { replica: Replica; clock: Clock; log: Logger; holds: (id: string) => boolean }) {
    this.#replica = options.replica;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#holds = options.holds;
  }

  /** Replaces an older status of the same compositor that still waits. */
  add(status: ConnectionStatus): void {
    this.#waiting.set(status.target.id, status);
    this.#schedule(DELAY);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#writing;
  }

  #schedule(ms: number): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    const wait = Math.max(ms, this.#wroteAt + INTERVAL - this.#clock.monotonic());
    this.#stopTimer = this.#clock.after(wait, () => {
      this.#writing = this.#write()
        .catch((error: unknown) => this.#log.error({ err: error }, 'cannot write the status of compositors'))
        .then(() => {
          this.#scheduled = false;
          if (this.#waiting.size > 0) this.#schedule(INTERVAL);
        });
    });
  }

  async #write(): Promise<void> {
    const statuses = this.#waiting;
    this.#waiting = new Map();
    const { manifest } = this.#replica.copy;
    const changed = [...statuses.values()].filter(
      (status) => withConnectionStatus(manifest.compositor(status.target.id), status) !== undefined,
    );
    if (changed.length === 0) return;
    try {
      await this.#replica.submit((draft) => {
        const patch = emptyPatch();
        for (const status of changed) {
          const { id } = status.target;
          // Checked at each attempt: by now another replica may hold the connection, or the entry may have changed.
          const entry = this.#holds(id) ? withConnectionStatus(draft.compositor(id), status) : undefined;
          if (entry) patch.compositors.set(id, entry);
        }
        return { patch, by: 'daemon', result: undefined };
      });
      this.#wroteAt = this.#clock.monotonic();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // The store is away. A status that came since is newer.
      for (const [id, status] of statuses) if (!this.#waiting.has(id)) this.#waiting.set(id, status);
    }
  }
}
