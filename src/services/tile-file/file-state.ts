import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';

/**
 * - `kept`: the file and the map are equal, but for a moment after each change.
 * - `waiting`: for the map, or for a replica that keeps the file.
 * - `broken`: what is there cannot be read, and is left alone.
 * - `unwritable`: the system does not let us write it.
 * - `refused`: the map did not take what is in it, which is left alone.
 * - `elsewhere`: a daemon with another store keeps it.
 */
export const FILE_STATES = ['kept', 'waiting', 'broken', 'unwritable', 'refused', 'elsewhere'] as const;

export interface FileState {
  readonly state: (typeof FILE_STATES)[number];
  /** Why, and what was left out. */
  readonly detail?: string;
}

/** The topic under which the keeper tells the other replicas how the file is. */
const TOPIC = 'manifest-file.state';
/** Milliseconds between two messages, and for which the last one counts. */
const INTERVAL = 3000;
const VALID = 10_000;
/** Characters of a detail: it may name what others wrote. */
const LONGEST = 500;

const WAITING: FileState = { state: 'waiting', detail: 'no replica keeps the file yet' };

/** How the file is, for `/health` on every replica. Changes are logged once. */
export class FileStates {
  readonly #options: { readonly peerBus: PeerBus; readonly clock: Clock; readonly log: Logger };
  /** What this replica knows, while it keeps the file. */
  #own: FileState | undefined;
  #heard: { readonly state: FileState; readonly at: number } | undefined;
  #publishedAt = -Infinity;
  #unsubscribe: () => void = () => undefined;

  constructor(options: { peerBus: PeerBus; clock: Clock; log: Logger }) {
    this.#options = options;
  }

  start(): void {
    const { peerBus, clock } = this.#options;
    this.#unsubscribe = peerBus.subscribe(TOPIC, (message) => {
      const state = stateIn(message);
      if (state) this.#heard = { state, at: clock.monotonic() };
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  get current(): FileState {
    if (this.#own) return this.#own;
    const isValid = this.#heard && this.#options.clock.monotonic() - this.#heard.at < VALID;
    return isValid ? this.#heard!.state : WAITING;
  }

  /** The keeper found this. */
  set(state: FileState['state'], detail?: string): void {
    const next: FileState = detail === undefined ? { state } : { state, detail: detail.slice(0, LONGEST) };
    const isChanged = next.state !== this.#own?.state || next.detail !== this.#own.detail;
    const wasBad = this.#own !== undefined && isBad(this.#own);
    this.#own = next;
    const { peerBus, clock } = this.#options;
    if (isChanged) this.#report(next, wasBad);
    if (!isChanged && clock.monotonic() - this.#publishedAt < INTERVAL) return;
    this.#publishedAt = clock.monotonic();
    peerBus.publish(TOPIC, next);
  }

  /** This replica keeps the file no longer. */
  forget(): void {
    this.#own = undefined;
    this.#heard = undefined;
  }

  #report(state: FileState, wasBad: boolean): void {
    const { log } = this.#options;
    if (isBad(state)) log.warn(state, 'the manifest file is not kept equal to the map');
    else if (state.detail !== undefined && state.state === 'kept')
      log.warn(state, 'not everything in the manifest file was taken in');
    else if (wasBad) log.info(state, 'the manifest file is kept equal to the map again');
  }
}

/** Whether somebody should look at it. */
export function isBad({ state }: FileState): boolean {
  return state !== 'kept' && state !== 'waiting';
}

function stateIn(message: unknown): FileState | undefined {
  const { state, detail } = (message ?? {}) as Partial<Record<string, unknown>>;
  const known = FILE_STATES.find((each) => each === state);
  if (!known || (detail !== undefined && typeof detail !== 'string')) return undefined;
  return detail === undefined ? { state: known } : { state: known, detail: detail.slice(0, LONGEST) };
}
