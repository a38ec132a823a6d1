import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import { withConnectionStatus, type ConnectionStatus } from '../../domain/connection-status.ts';
import type { Logger } from '../../domain/logger.ts';
import { emptyPatch } from '../../domain/patch.ts';
import type { Replica } from '../manifest/replica.ts';

/** Milliseconds: from the first finding to its commit, and from one commit to the next. */
const SOON = 50;
const GAP = 1000;

/** Enters in the manifest what connectors find: all that is there at once in one commit. */
export class StatusWriter {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #holds: (id: string) => boolean;
  #waiting = new Map<string, ConnectionStatus>();
  #wroteAt = -Infinity;
  #scheduled = false;
  #working: Promise<void> = Promise.resolve();
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  /** `holds`: whether this replica surely holds the connector now; what it found may not be entered otherwise. */
  constructor(options: { replica: Replica; clock: Clock; log: Logger; holds: (id: string) => boolean }) {
    this.#replica = options.replica;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#holds = options.holds;
  }

  /** Replaces what was found before and is not entered yet. */
  add(finding: ConnectionStatus): void {
    this.#waiting.set(finding.target.id, finding);
    this.#schedule(SOON);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#working;
  }

  #schedule(ms: number): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    const wait = Math.max(ms, this.#wroteAt + GAP - this.#clock.monotonic());
    this.#stopTimer = this.#clock.after(wait, () => {
      this.#working = this.#write()
        .catch((error: unknown) => this.#log.error({ err: error }, 'cannot enter what connectors found'))
        .then(() => {
          this.#scheduled = false;
          if (this.#waiting.size > 0) this.#schedule(GAP);
        });
    });
  }

  async #write(): Promise<void> {
    const findings = this.#waiting;
    this.#waiting = new Map();
    const news = [...findings.values()].filter(
      (finding) =>
        withConnectionStatus(this.#replica.manifest.compositor(finding.target.id), finding) !== undefined,
    );
    if (news.length === 0) return;
    try {
      await this.#replica.submit((manifest) => {
        const patch = emptyPatch();
        for (const finding of news) {
          const { id } = finding.target;
          // Judged at each try: the claim may have run out, or the entry be another's by now.
          const entry = this.#holds(id) ? withConnectionStatus(manifest.compositor(id), finding) : undefined;
          if (entry) patch.compositors.set(id, entry);
        }
        return { patch, by: 'daemon', result: undefined };
      });
      this.#wroteAt = this.#clock.monotonic();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // The store is away. What was found since is newer.
      for (const [id, finding] of findings) if (!this.#waiting.has(id)) this.#waiting.set(id, finding);
    }
  }
}
