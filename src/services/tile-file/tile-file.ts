import type { Claims } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { SharedFile } from '../../domain/shared-file.ts';
import { Ownership } from '../connectors/ownership.ts';
import { releasedIn } from '../connectors/supervisor.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import { AGAIN, type FileKeeper } from './file-keeper.ts';
import type { FileState, FileStates } from './file-state.ts';

interface TileFileOptions {
  readonly keeper: FileKeeper;
  readonly states: FileStates;
  readonly file: SharedFile;
  readonly copy: ManifestCopy;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** The claim on the file; no id of a compositor has a blank. */
const CLAIM = 'manifest file';
/** The topic under which a replica that stops says that the claim is free. */
const RELEASED = 'manifest-file.freed';
/** Milliseconds between two turns, at least: ten a second. */
const INTERVAL = 100;
/** The part of the time that turns may take: those of a large map take long. */
const PART = 0.25;
/** Milliseconds between two looks at the file, though nobody says that it has changed. */
const POLL = 500;

/** InfiniteMap's file on the disk, kept equal to the map by one replica at a time (docs/decisions/0025). */
export class TileFile {
  readonly #options: TileFileOptions;
  readonly #ownership: Ownership;
  readonly #unsubscribe: (() => void)[] = [];
  #isKept = false;
  #changing: Promise<void> = Promise.resolve();
  #stopWatching: () => void = () => undefined;
  #stopTimer: () => void = () => undefined;
  /** When the next turn is due, and from when on it may be. */
  #dueAt = Infinity;
  #mayAt = -Infinity;
  /** The turn under way, and whether something has happened since it began. */
  #working: Promise<void> | undefined;
  #isWoken = false;

  constructor(options: TileFileOptions) {
    this.#options = options;
    this.#ownership = new Ownership({
      ...options,
      self: options.peerBus.self,
      random: options.random ?? Math.random,
      gained: () => this.#follow(),
      lost: () => this.#follow(),
    });
  }

  get state(): FileState {
    return this.#options.states.current;
  }

  /** Of this replica. */
  get counts(): { readonly reads: number; readonly writes: number } {
    return this.#options.keeper.counts;
  }

  start(): void {
    const { copy, keeper, peerBus, states } = this.#options;
    states.start();
    const changed = () => this.#wake(0);
    this.#unsubscribe.push(
      copy.subscribe({
        committed: ({ patch, prev, cursor }) => {
          if (patch.tiles.size === 0) keeper.passed(prev, cursor);
          else changed();
        },
        loaded: changed,
        reloaded: changed,
      }),
      peerBus.subscribe(RELEASED, (message) => {
        const released = releasedIn(message);
        if (released && released.holder !== peerBus.self)
          this.#ownership.released(released.holder, released.ids);
      }),
    );
    this.#ownership.want([CLAIM]);
  }

  /** Writes what is not in the file yet, and lets the other replicas keep it from now on. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    const { keeper, peerBus, states, log } = this.#options;
    await this.#changing;
    const wasKept = this.#isKept;
    await this.#halt();
    if (wasKept)
      await keeper.turn().catch((error: unknown) => {
        log.error({ err: error }, 'cannot write the manifest file for the last time');
      });
    await keeper.close();
    states.stop();
    const ids = await this.#ownership.stop();
    if (ids.length > 0) peerBus.publish(RELEASED, { holder: peerBus.self, ids });
  }

  /** The claim came or went: begins, or ends when the turn under way has ended. One after the other. */
  #follow(): void {
    const { keeper, states, log } = this.#options;
    this.#changing = this.#changing
      .then(async () => {
        await this.#halt();
        if (this.#ownership.holds(CLAIM)) return this.#begin();
        await keeper.close();
        states.forget();
      })
      .catch((error: unknown) => log.error({ err: error }, 'cannot let go of the manifest file'));
  }

  #begin(): void {
    this.#isKept = true;
    this.#stopWatching = this.#options.file.watch(() => this.#wake(0));
    this.#wake(0);
  }

  /** Resolves when no turn is under way, and none will be. */
  async #halt(): Promise<void> {
    this.#isKept = false;
    this.#stopWatching();
    this.#stopTimer();
    this.#dueAt = Infinity;
    await this.#working;
  }

  /** Has a turn in `ms`, unless an earlier one is due. */
  #wake(ms: number): void {
    if (this.#working) {
      this.#isWoken = true;
      return;
    }
    const at = Math.max(this.#options.clock.monotonic() + ms, this.#mayAt);
    if (!this.#isKept || at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#plan();
  }

  #plan(): void {
    const { clock } = this.#options;
    this.#stopTimer();
    this.#stopTimer = clock.after(this.#dueAt - clock.monotonic(), () => {
      this.#dueAt = Infinity;
      this.#isWoken = false;
      this.#working = this.#turn().then((next) => {
        this.#working = undefined;
        this.#wake(this.#isWoken ? 0 : next);
      });
    });
  }

  /** Returns the milliseconds until the next turn, if nothing happens before. */
  async #turn(): Promise<number> {
    const { keeper, clock, log } = this.#options;
    const began = clock.monotonic();
    const next = await keeper.turn().catch((error: unknown) => {
      log.error({ err: error }, 'cannot keep the manifest file equal to the map');
      return AGAIN;
    });
    this.#mayAt = began + Math.max(INTERVAL, (clock.monotonic() - began) / PART);
    return Math.min(next ?? POLL, POLL);
  }
}
