import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { History, type HistoryPolicy } from '../../domain/history.ts';
import { LiveManifest } from '../../domain/live-manifest.ts';
import type { Logger } from '../../domain/logger.ts';
import type { MemoryGuard } from '../../domain/memory-guard.ts';
import type { StoreState } from '../../domain/store.ts';

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
  readonly #clock: Clock;
  readonly #policy: HistoryPolicy;
  readonly #log: Logger;
  readonly #memory: MemoryGuard | undefined;
  readonly #listeners = new Set<ManifestListener>();
  #manifest = new LiveManifest();
  #history: History;
  #loaded = false;

  constructor(options: {
    clock: Clock;
    history: HistoryPolicy;
    log: Logger;
    memory?: MemoryGuard | undefined;
  }) {
    this.#clock = options.clock;
    this.#policy = options.history;
    this.#log = options.log;
    this.#memory = options.memory;
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

  /** When the newest commit was made, milliseconds since 1970; 0 before the first. */
  get headAt(): number {
    return this.#history.last?.committedAt ?? 0;
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
  apply(commit: Commit): void {
    this.#history.push(commit);
    // A replica that only follows makes no commits of its own with which to trim.
    this.trim();
    this.#manifest.apply(commit.patch);
    if (formatDigest(this.#manifest.digest) !== commit.digest)
      this.#log.error({ cursor: commit.cursor }, 'the manifest disagrees with the digest of its commit');
    for (const listener of this.#listeners) listener.committed?.(commit);
  }

  /** Takes the store's state instead of all that was held. Throws when the memory cannot hold it. */
  replace(state: StoreState): void {
    const history = new History(this.#policy, state.log[0]?.prev ?? state.head);
    for (const commit of state.log) history.push(commit);
    this.#manifest = new LiveManifest(state.manifest, this.#memory);
    this.#history = history;
    const again = this.#loaded;
    this.#loaded = true;
    this.#log.info(
      { cursor: state.head, tiles: this.#manifest.tileCount, commits: history.length },
      'manifest loaded',
    );
    for (const listener of this.#listeners) {
      if (again) listener.reloaded?.();
      else listener.loaded?.();
    }
  }

  /** Drops the history that is kept no longer; returns the oldest revision that stays. */
  trim(): number {
    return this.#history.trim(this.#clock.now());
  }
}
