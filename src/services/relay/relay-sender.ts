import type { Clock } from '../../domain/clock.ts';
import type { RelayMessage } from '../../domain/relay-message.ts';
import { RelayQueue } from '../../domain/relay-queue.ts';
import { RELAY_WINDOW, RelayRate } from '../../domain/relay-rate.ts';
import { CONTROL_COMMAND } from '../../domain/relay-types.ts';
import type { Relayed } from '../../domain/relayed.ts';
import type { RelayCounts } from './relay-counts.ts';

/** Who sends. */
export interface RelayOrigin {
  /** Names the sender among those of all replicas. */
  readonly from: string;
  /** The id of the compositor that sends; absent: a client of the socket. */
  readonly compositor?: string;
  /** What it sends stays with the clients of the sockets: it is another daemon, and two that pass on to each other would never stop. */
  readonly isDaemon?: boolean;
}

export interface RelaySenderOptions extends RelayOrigin {
  readonly clock: Clock;
  readonly counts: RelayCounts;
  readonly pass: (message: Relayed) => void;
}

/** Messages of one sender that wait for the next window, half of them commands, and their characters. */
const MAX_WAITING = 128;
const MAX_WAITING_TEXT = 256 * 1024;

/** What one sender may pass on to all. */
export type RelayRight = 'relay' | 'command';

/** Passes on what one sender sends, up to a rate: beyond it of each type the last message waits, and commands all do, as far as they fit. */
export class RelaySender {
  readonly #options: RelaySenderOptions;
  /** Most clients never send anything, */
  #rate: RelayRate | undefined;
  /** and most senders never too much. */
  #waiting: RelayQueue | undefined;
  #mayRelay = true;
  #mayCommand = true;

  constructor(options: RelaySenderOptions) {
    this.#options = options;
  }

  /** Whether this sender sent `message`. */
  sent({ from }: Relayed): boolean {
    return from === this.#options.from;
  }

  /** From now on it may not: without `command` compositors do not get its commands, without `relay` nobody gets anything. */
  forbid(right: RelayRight): void {
    if (right === 'relay') this.#mayRelay = false;
    else this.#mayCommand = false;
  }

  /** Passes a message on, now or later, or counts why not. Its type is one that is passed on. */
  take({ type, text }: RelayMessage): void {
    const { counts, pass } = this.#options;
    if (!this.#mayRelay) return counts.drop(type, 'scope');
    if (text === undefined) return counts.drop(type, 'invalid');
    const relayed = this.#relayed(type, text);
    if (!this.#waiting?.holds(relayed) && this.#admits(relayed)) pass(relayed);
    else this.#wait(relayed);
  }

  #wait(relayed: Relayed): void {
    const { counts } = this.#options;
    this.#waiting ??= new RelayQueue({
      messages: MAX_WAITING,
      text: MAX_WAITING_TEXT,
      dropped: ({ type }, why) => counts.drop(type, why),
    });
    if (this.#waiting.size === 0) this.#passLater(this.#waiting);
    this.#waiting.add(relayed);
  }

  #passLater(waiting: RelayQueue): void {
    const { clock, pass } = this.#options;
    clock.after(RELAY_WINDOW, () => {
      for (const relayed of waiting.take((each) => this.#admits(each))) pass(relayed);
      if (waiting.size > 0) this.#passLater(waiting);
    });
  }

  #admits({ type, text }: Relayed): boolean {
    this.#rate ??= new RelayRate();
    return this.#rate.admits(type, text.length, this.#options.clock.monotonic());
  }

  #relayed(type: string, text: string): Relayed {
    const { from, compositor, isDaemon = false } = this.#options;
    const mayReach = type !== CONTROL_COMMAND || this.#mayCommand;
    return {
      from,
      type,
      text,
      ...(compositor !== undefined && { compositor }),
      ...(compositor === undefined && !isDaemon && mayReach && { forCompositors: true }),
    };
  }
}
