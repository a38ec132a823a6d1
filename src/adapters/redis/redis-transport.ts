import type { Clock } from '../../domain/clock.ts';
import { STORE_TIMEOUT } from '../../domain/store.ts';
import type { Receiver, Transport } from '../peer-bus/transport-peer-bus.ts';
import { channelOf } from './keys.ts';
import type { RedisConnection, RedisConnectionOptions } from './redis-connection.ts';

export interface RedisTransportOptions {
  readonly namespace: string;
  readonly clock: Clock;
  /** For sending; it stays its owner's. */
  readonly commands: RedisConnection;
  /** Makes the connection on which letters come in: one that subscribes can do nothing else. */
  readonly connect: (
    hooks: Required<Pick<RedisConnectionOptions, 'onReady' | 'onMessage'>>,
  ) => RedisConnection;
}

/** Milliseconds between two letters to ourselves. */
const BEAT = 1000;
/** That many of them may be missing. */
const MISSING = 2;
/** Milliseconds that leaving may take. */
const FAREWELL = 500;
const BEAT_TEXT = 'beat';
/** The channel of all; no replica is called that. */
const ALL = 'all';

/**
 * Letters by Redis's sharded pub/sub, in the slot of our keys: in a cluster as on one server, the node that we send to
 * is the one that all listen at, and so the number that SPUBLISH answers says whether anybody heard.
 */
export class RedisTransport implements Transport {
  readonly #namespace: string;
  readonly #clock: Clock;
  readonly #commands: RedisConnection;
  readonly #connect: RedisTransportOptions['connect'];
  #inbox: RedisConnection | undefined;
  #own = '';
  #missing = 0;
  #stopBeat: () => void = () => undefined;
  #closed = false;

  constructor(options: RedisTransportOptions) {
    this.#namespace = options.namespace;
    this.#clock = options.clock;
    this.#commands = options.commands;
    this.#connect = options.connect;
  }

  async start(arrivals: Receiver): Promise<void> {
    this.#own = channelOf(this.#namespace, arrivals.self);
    await new Promise<void>((resolve) => {
      // A Redis that is away is no reason to wait longer.
      const cancel = this.#clock.after(STORE_TIMEOUT, resolve);
      const open = () => {
        cancel();
        resolve();
      };
      this.#inbox = this.#connect({
        onReady: () => void this.#subscribe().then(open, () => undefined),
        onMessage: (channel, text) => {
          if (text !== BEAT_TEXT) arrivals.receive(text);
          else if (channel === this.#own) this.#missing = 0;
        },
      });
      this.#inbox.opened().catch(open);
    });
    this.#beat();
  }

  async send(to: string, letter: string): Promise<boolean> {
    return (await this.#publish(channelOf(this.#namespace, to), letter)) > 0;
  }

  sendToAll(letter: string): void {
    this.#publish(channelOf(this.#namespace, ALL), letter).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopBeat();
    // Else Redis may count us among those who heard for a moment longer, and who asks waits for nothing.
    await this.#inbox?.call({ command: 'sunsubscribe', args: [], timeout: FAREWELL }).catch(() => undefined);
    this.#inbox?.close();
  }

  async #subscribe(): Promise<void> {
    const args = [this.#own, channelOf(this.#namespace, ALL)];
    await this.#inbox?.call({ command: 'ssubscribe', args });
    this.#missing = 0;
  }

  async #publish(channel: string, letter: string): Promise<number> {
    return Number(await this.#commands.call({ command: 'spublish', args: [channel, letter], writes: true }));
  }

  /**
   * Only a letter that arrives proves that letters arrive: a frozen server, a connection that died without a word and
   * a slot that moved away all look like silence.
   */
  #beat(): void {
    this.#stopBeat = this.#clock.after(BEAT, () => {
      // What has arrived behind this very timer counts.
      this.#clock.soon(() => {
        if (this.#closed) return;
        if (this.#missing >= MISSING) {
          this.#missing = 0;
          this.#inbox?.drop();
        }
        this.#publish(this.#own, BEAT_TEXT).then(
          () => (this.#missing += 1),
          // Redis is away: that says nothing of the connection on which we listen.
          () => undefined,
        );
        this.#beat();
      });
    });
  }
}
