import { repeat, waitAtMost } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Receiver, Transport } from '../../domain/peer-bus.ts';
import { STORE_TIMEOUT } from '../../domain/store.ts';
import { channelOf } from './keys.ts';
import { RedisConnection } from './redis-connection.ts';
import type { ConnectionTarget } from './redis-options.ts';

export interface RedisTransportOptions extends Omit<ConnectionTarget, 'role'> {
  readonly clock: Clock;
  /** For sending; it is not closed with this. */
  readonly commands: RedisConnection;
}

/** Milliseconds between two heartbeats, which the transport sends to itself. */
const HEARTBEAT = 1000;
const HEARTBEAT_TEXT = 'beat';
/** So many heartbeats may be missing before the connection is made anew. */
const MAX_MISSING = 2;
/** Milliseconds that unsubscribing may take at the end. */
const UNSUBSCRIBE_TIMEOUT = 500;
/** The channel to all; no replica has that name. */
const ALL = 'all';

/**
 * Carries messages by Redis's sharded pub/sub, in the slot of our keys: in a cluster as on one server, all replicas
 * subscribe at the node that we publish to, so the number that SPUBLISH answers says whether a replica got the message.
 */
export class RedisTransport implements Transport {
  readonly #options: RedisTransportOptions;
  /** The connection that messages come in on: one that subscribes can do nothing else. */
  #inbox: RedisConnection | undefined;
  #ownChannel = '';
  #missing = 0;
  #stopHeartbeat: () => void = () => undefined;
  #closed = false;

  constructor(options: RedisTransportOptions) {
    this.#options = options;
  }

  async start(receiver: Receiver): Promise<void> {
    this.#ownChannel = this.#channelOf(receiver.self);
    const subscribed = new Promise<void>((resolve) => {
      this.#inbox = new RedisConnection({
        ...this.#options,
        role: 'peer-bus',
        onReady: () => void this.#subscribe().then(resolve, () => undefined),
        onMessage: (channel, text) => {
          if (text !== HEARTBEAT_TEXT) receiver.receive(text);
          else if (channel === this.#ownChannel) this.#missing = 0;
        },
      });
      // Not waited for while Redis is away.
      this.#inbox.opened().catch(resolve);
    });
    const { clock } = this.#options;
    await waitAtMost(clock, STORE_TIMEOUT, subscribed);
    // Each after what has arrived by then: a heartbeat may have arrived behind this very timer.
    this.#stopHeartbeat = repeat(clock, HEARTBEAT, () => clock.soon(() => this.#beat()));
  }

  async send(to: string, text: string): Promise<boolean> {
    return (await this.#publish(this.#channelOf(to), text)) > 0;
  }

  sendToAll(text: string): void {
    this.#publish(this.#channelOf(ALL), text).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopHeartbeat();
    // Else Redis may count us as a subscriber for a moment longer, and a request to us waits in vain.
    await this.#inbox?.call('sunsubscribe', [], { timeout: UNSUBSCRIBE_TIMEOUT }).catch(() => undefined);
    this.#inbox?.close();
  }

  async #subscribe(): Promise<void> {
    await this.#inbox?.call('ssubscribe', [this.#ownChannel, this.#channelOf(ALL)]);
    this.#missing = 0;
  }

  #channelOf(name: string): string {
    return channelOf(this.#options.namespace, name);
  }

  async #publish(channel: string, text: string): Promise<number> {
    return Number(await this.#options.commands.call('spublish', [channel, text], { writes: true }));
  }

  /**
   * Only a message that arrives proves that messages arrive: a frozen server, a connection that died in silence and
   * a slot that moved away all look like a quiet bus.
   */
  #beat(): void {
    if (this.#closed) return;
    if (this.#missing >= MAX_MISSING) {
      this.#missing = 0;
      this.#inbox?.drop();
    }
    this.#publish(this.#ownChannel, HEARTBEAT_TEXT).then(
      () => (this.#missing += 1),
      // Redis is away, which says nothing of the connection that we subscribe on.
      () => undefined,
    );
  }
}
