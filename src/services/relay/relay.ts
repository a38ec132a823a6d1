import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import { RelayLog } from '../../domain/relay-log.ts';
import { RelayQueue } from '../../domain/relay-queue.ts';
import { parseRelayed, type Relayed } from '../../domain/relayed.ts';
import { RelayCounts } from './relay-counts.ts';
import { RelaySender, type RelayOrigin } from './relay-sender.ts';

export interface RelayOptions {
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  /** The types that are passed on. */
  readonly types: ReadonlySet<string>;
  readonly log: Logger;
}

/** The topic under which replicas pass messages on. */
const TOPIC = 'relay';
/** Milliseconds between two batches to the other replicas. */
const INTERVAL = 10;
/** Messages that wait for a batch, and their characters. */
const MAX_WAITING = 1024;
const MAX_WAITING_TEXT = 512 * 1024;
/** Messages in a batch, and their characters. */
const MAX_BATCH = 256;
const MAX_BATCH_TEXT = 128 * 1024;

/**
 * Passes what compositors and clients of the sockets send to all others, on every replica: nothing of it is kept. It goes in batches, so that
 * many senders cost the peer bus no more than some; what does not fit into one waits for the next, the last of each sender and type.
 */
export class Relay {
  readonly types: ReadonlySet<string>;
  readonly counts = new RelayCounts();
  /** What has come of late, for readers of the sockets. */
  readonly log = new RelayLog();
  readonly #options: RelayOptions;
  readonly #waiting = new RelayQueue({
    messages: MAX_WAITING,
    text: MAX_WAITING_TEXT,
    dropped: ({ type }, why) => this.counts.drop(type, why),
  });
  readonly #listeners = new Set<(messages: readonly Relayed[]) => void>();
  #senders = 0;
  /** A batch goes out soon. */
  #scheduled = false;
  #lastBatch = -Infinity;
  #stop: () => void = () => undefined;
  #stopped = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.types = options.types;
  }

  start(): void {
    this.#stop = this.#options.peerBus.subscribe(TOPIC, (received) => this.#receive(parseRelayed(received)));
  }

  /** Passes nothing on any more. */
  stop(): void {
    this.#stopped = true;
    this.#stop();
  }

  /** For a compositor, or without one for a client of the socket. */
  sender(origin: Omit<RelayOrigin, 'from'>): RelaySender {
    const { clock, peerBus } = this.#options;
    const { compositor } = origin;
    const from =
      compositor === undefined ? `${peerBus.self}/${(this.#senders += 1)}` : `compositor:${compositor}`;
    return new RelaySender({
      ...origin,
      from,
      clock,
      counts: this.counts,
      pass: (message) => this.#pass(message),
    });
  }

  /** Calls `listener` with what was passed on, at this replica or another. Returns how to stop. */
  subscribe(listener: (messages: readonly Relayed[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #receive(messages: readonly Relayed[]): void {
    for (const message of messages) this.log.append(message);
    if (messages.length > 0) for (const listener of this.#listeners) listener(messages);
  }

  #pass(message: Relayed): void {
    if (this.#stopped) return;
    this.#waiting.add(message);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { clock } = this.#options;
    const wait = this.#lastBatch + INTERVAL - clock.monotonic();
    if (wait > 0) clock.after(wait, () => this.#publish());
    else clock.soon(() => this.#publish());
  }

  #publish(): void {
    this.#scheduled = false;
    if (this.#stopped) return;
    const { peerBus, clock, log } = this.#options;
    let text = 0;
    let count = 0;
    const messages = this.#waiting.take((message) => {
      const fits = count === 0 || (count < MAX_BATCH && text + message.text.length <= MAX_BATCH_TEXT);
      if (!fits) return false;
      count += 1;
      text += message.text.length;
      return true;
    });
    this.#lastBatch = clock.monotonic();
    for (const { type } of messages) this.counts.passed.add(type);
    try {
      peerBus.publish(TOPIC, { messages });
    } catch (error) {
      log.warn({ err: error }, 'cannot pass on messages');
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
