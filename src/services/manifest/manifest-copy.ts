import type { Clock } from '../../domain/clock.ts';
import type { LongWork } from '../../concurrency/long-work.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { History, type HistoryPolicy } from '../../domain/history.ts';
import { LiveManifest } from '../../domain/live-manifest.ts';
import type { Logger } from '../../domain/logger.ts';
import { ManifestAt } from '../../domain/manifest-at.ts';
import type { LoadedState } from '../../domain/store.ts';
import { BlockTexts } from './block-texts.ts';
import { fullTile } from './tile-text.ts';

/** Called on every change of the manifest, in order, in the same turn of the event loop in which it happens. */
export interface ManifestListener {
  /** One commit was applied. */
  committed?(commit: Commit): void;
  /** There is a manifest for the first time. */
  loaded?(): void;
  /** The manifest was replaced: what came before may be another history. */
  reloaded?(): void;
}

/** This daemon's copy of the manifest and of the history behind it. Nothing else applies or replaces either of them. */
export class ManifestCopy {
  /** The JSON of the tiles, as far as somebody has asked for it. */
  readonly texts: BlockTexts;
  readonly #clock: Clock;
  readonly #policy: HistoryPolicy;
  readonly #log: Logger;
  readonly #work: LongWork;
  readonly #listeners = new Set<ManifestListener>();
  #manifest = new LiveManifest();
  #history: History;
  #present: ManifestAt | undefined;
  /** The newest commit, if there is any: the history may begin only after it. */
  #last: Commit | undefined;
  #loaded = false;

  /** `textBudget`: bytes of encoded tiles that are kept for those who read the map. */
  constructor(options: {
    clock: Clock;
    history: HistoryPolicy;
    log: Logger;
    work: LongWork;
    textBudget: number;
  }) {
    this.texts = new BlockTexts({ encode: fullTile, budget: options.textBudget });
    this.#clock = options.clock;
    this.#policy = options.history;
    this.#log = options.log;
    this.#work = options.work;
    this.#history = new History(options.history);
  }

  get manifest(): LiveManifest {
    return this.#manifest;
  }

  get history(): History {
    return this.#history;
  }

  get head(): Cursor {
    return this.#history.head;
  }

  /** The manifest at the head, for whoever reads on while commits come: one for all until the next commit. */
  get present(): ManifestAt {
    return (this.#present ??= new ManifestAt(this.#manifest, this.#history, this.head));
  }

  /** When the newest commit was made, milliseconds since 1970; 0 before the first. */
  get headAt(): number {
    return this.#last?.committedAt ?? 0;
  }

  /** What a store that lost everything needs as its log: the history, and the newest commit in any case. */
  get log(): readonly Commit[] {
    const { history } = this;
    if (history.length > 0) return [...history.between(history.base)];
    return this.#last ? [this.#last] : [];
  }

  /** Whether there is anything to serve yet. */
  get loaded(): boolean {
    return this.#loaded;
  }

  subscribe(listener: ManifestListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies a commit that was made on the head. */
  apply(made: Commit): void {
    const commit = this.#manifest.commit(made);
    this.#history.push(commit);
    this.#last = commit;
    this.#present = undefined;
    // A replica that only follows makes no commits of its own with which to trim.
    this.trim();
    if (commit.withdraws !== undefined) this.#sweep();
    if (formatDigest(this.#manifest.digest) !== commit.digest)
      this.#log.error({ cursor: commit.cursor }, 'the manifest disagrees with the digest of its commit');
    this.#notify((listener) => listener.committed?.(commit));
  }

  #sweep(): void {
    this.#work.run(this.#manifest.sweep()).catch((error: unknown) => {
      this.#log.error({ err: error }, 'cannot move withdrawn tiles out of the manifest');
    });
  }

  /** Takes the store's state, which is given away, instead of all that was held. */
  replace(state: LoadedState): void {
    // What a withdrawal took cannot be undone by who has not seen it: what came before is out of reach here.
    const log = state.log.slice(state.log.findLastIndex(({ withdraws }) => withdraws !== undefined) + 1);
    const history = new History(this.#policy, log[0]?.prev ?? state.head);
    for (const commit of log) history.push(commit);
    this.#manifest = state.manifest;
    this.texts.clear();
    this.#history = history;
    this.#present = undefined;
    this.#last = state.log.at(-1);
    const again = this.#loaded;
    this.#loaded = true;
    this.#log.info(
      { cursor: state.head, tiles: this.#manifest.tileCount, commits: history.length },
      'manifest loaded',
    );
    this.#notify((listener) => (again ? listener.reloaded?.() : listener.loaded?.()));
  }

  /** What is wrong with one listener is no reason for the others to miss what happened. */
  #notify(call: (listener: ManifestListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        call(listener);
      } catch (error) {
        this.#log.error({ err: error, cursor: this.head }, 'a listener of the manifest failed');
      }
    }
  }

  /** Drops the history that is kept no longer; returns the oldest revision that stays. */
  trim(): number {
    return this.#history.trim(this.#clock.now());
  }
}
