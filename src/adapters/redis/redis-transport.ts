import type { Clock } from '../../domain/clock.ts';
import type { Receiver, Transport } from '../../domain/peer-bus.ts';
import { STORE_TIMEOUT } from '../../domain/store.ts';
import { channelOf } from './keys.ts';
import type { RedisConnection, RedisConnectionOptions } from './redis-connection.ts';

export interface RedisTransportOptions {
  readonly namespace: string;
  readonly clock: Clock;
  /** For sending; it is not closed with this. */
  readonly commands: RedisConnection;
  /** Makes the connection that messages come in on: one that subscribes can do nothing else. */
  readonly connect: (
    hooks: Required<Pick<RedisConnectionOptions, 'onReady' | 'onMessage'>>,
  ) => RedisConnection;
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
  readonly #namespace: string;
  readonly #clock: Clock;
  readonly #commands: RedisConnection;
  readonly #connect: RedisTransportOptions['connect'];
  #inbox: RedisConnection | undefined;
  #ownChannel = '';
  #missing = 0;
  #stopHeartbeat: () => void = () => undefined;
  #closed = false;

  constructor(options: RedisTransportOptions) {
    this.#namespace = options.namespace;
    this.#clock = options.clock;
    this.#commands = options.commands;
    this.#connect = options.connect;
  }

  async start(receiver: Receiver): Promise<void> {
    this.#ownChannel = channelOf(this.#namespace, receiver.self);
    await new Promise<void>((resolve) => {
      // No longer for a Redis that is away.
      const cancel = this.#clock.after(STORE_TIMEOUT, resolve);
      const open = () => {
        cancel();
        resolve();
      };
      this.#inbox = this.#connect({
        onReady: () => void this.#subscribe().then(open, () => undefined),
        onMessage: (channel, text) => {
          if (text !== HEARTBEAT_TEXT) receiver.receive(text);
          else if (channel === this.#ownChannel) this.#missing = 0;
        },
      });
      this.#inbox.opened().catch(open);
    });
    this.#scheduleHeartbeat();
  }

  async send(to: string, text: string): Promise<boolean> {
    return (await this.#publish(channelOf(this.#namespace, to), text)) > 0;
  }

  sendToAll(text: string): void {
    this.#publish(channelOf(this.#namespace, ALL), text).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopHeartbeat();
    // Else Redis may count us as a subscriber for a moment longer, and a request to us waits in vain.
    await this.#inbox
      ?.call({ command: 'sunsubscribe', args: [], timeout: UNSUBSCRIBE_TIMEOUT })
      .catch(() => undefined);
    this.#inbox?.close();
  }

  async #subscribe(): Promise<void> {
    const args = [this.#ownChannel, channelOf(this.#namespace, ALL)];
    await this.#inbox?.call({ command: 'ssubscribe', args });
    this.#missing = 0;
  }

  async #publish(channel: string, text: string): Promise<number> {
    return Number(await this.#commands.call({ command: 'spublish', args: [channel, text], writes: true }));
  }

  /**
   * Only a message that arrives proves that messages arrive: a frozen server, a connection that died in silence and
   * a slot that moved away all look as if nobody had sent one.
   */
  #scheduleHeartbeat(): void {
    this.#stopHeartbeat = this.#clock.after(HEARTBEAT, () => {
      // A heartbeat may have arrived behind this very timer.
      this.#clock.soon(() => {
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
        this.#scheduleHeartbeat();
      });
    });
  }
}
