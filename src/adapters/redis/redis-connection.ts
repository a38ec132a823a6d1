import type { Socket } from 'node:net';
import { Command, Redis } from 'ioredis';
import { withTimeout } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { STORE_TIMEOUT, StoreUnanswered, StoreUnreachable } from '../../domain/store.ts';
import type { RedisNode } from '../../domain/store-address.ts';
import {
  closedAtOnce,
  codeOf,
  damaged,
  isClosed,
  isElsewhere,
  isNotDone,
  isOfEnd,
  isReply,
  namingKeys,
  NoAnswer,
  reasonOf,
  unreachable,
} from './redis-errors.ts';
import { serverLogin } from './login.ts';
import { redisOptions, type ConnectionTarget } from './redis-options.ts';

export interface RedisConnectionOptions extends ConnectionTarget {
  readonly clock: Clock;
  /** Called each time the connection is ready: subscriptions of the one before are lost. */
  readonly onReady?: () => void;
  /** Called with what comes in on subscribed channels. */
  readonly onMessage?: (channel: string, text: string) => void;
}

export type Arguments = readonly (string | number)[];

export interface CallOptions {
  /** It changes data: without an answer nobody knows whether it did. */
  readonly writes?: boolean;
  /** Milliseconds, the wait for the connection included; {@link STORE_TIMEOUT} when left out. */
  readonly timeout?: number;
}

export type Reply = string | number | null | readonly Reply[];

/**
 * One connection to Redis that comes back by itself, and on which every call answers or throws in time:
 * {@link StoreUnreachable} when nothing was done, {@link StoreUnanswered} for a write whose outcome is not known.
 * Nothing waits in a queue for a server that is away, and nothing is sent twice.
 */
export class RedisConnection {
  /** The address, for errors. */
  readonly where: string;
  readonly #redis: Redis;
  readonly #options: RedisConnectionOptions;
  #state: 'connecting' | 'ready' | 'failed' | 'closed' = 'connecting';
  /** Why the last attempt to connect failed; calls fail with it at once until an attempt succeeds. */
  #failure: unknown;
  #waiting: (() => void)[] = [];
  /** The last connection was dropped because nobody answered. */
  #silent = false;
  #wasEverReady = false;

  constructor(options: RedisConnectionOptions) {
    this.where = options.address.text;
    this.#redis = new Redis(redisOptions(options));
    this.#options = options;
    if (options.onMessage) this.#redis.on('smessage', options.onMessage);
    this.#listen();
  }

  /** Resolves when the connection is ready; throws when it is not within `timeout` ms. */
  async opened(timeout = STORE_TIMEOUT): Promise<void> {
    const deadline = this.#options.clock.monotonic() + timeout;
    while (this.#state === 'connecting') {
      const change = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await withTimeout(this.#options.clock, deadline - this.#options.clock.monotonic(), change, () =>
        unreachable(this.where, this.#isConnecting ? new Error('no connection can be made') : timedOut()),
      );
    }
    if (this.#state === 'closed') throw new StoreUnreachable('the connection to Redis is closed');
    if (this.#state === 'failed') throw unreachable(this.where, this.#failure);
  }

  /** The server at its other end; undefined while there is none. */
  get server(): RedisNode | undefined {
    const { remoteAddress: host, remotePort: port } = (this.#redis.stream as Socket | undefined) ?? {};
    return host === undefined || port === undefined ? undefined : { host, port };
  }

  async call(
    command: string,
    args: Arguments,
    { writes = false, timeout = STORE_TIMEOUT }: CallOptions = {},
  ): Promise<Reply> {
    const deadline = this.#options.clock.monotonic() + timeout;
    for (;;) {
      await this.opened(deadline - this.#options.clock.monotonic());
      const sent = { written: false };
      try {
        const left = deadline - this.#options.clock.monotonic();
        return await withTimeout(this.#options.clock, left, this.#send(command, args, sent), timedOut);
      } catch (thrown) {
        const error = namingKeys(this.#saying(thrown), args);
        const reply = isReply(error);
        if (!sent.written && !(error instanceof NoAnswer)) {
          // The server has just closed the connection: nothing was sent, so the next connection may send it.
          this.drop();
          continue;
        }
        if (error instanceof NoAnswer) this.#dropSilent();
        else if (isElsewhere(error)) this.#reconnect();
        // Redis does not know the script: runScript sends it.
        if (codeOf(error) === 'NOSCRIPT') throw error;
        if (reply && !isNotDone(error)) throw damaged(this.where, error);
        if (reply || !sent.written || !writes) throw unreachable(this.where, error);
        throw new StoreUnanswered(`the Redis at ${this.where} did not answer`, {
          reason: reasonOf(error),
          cause: error,
        });
      }
    }
  }

  /** Destroys the connection and makes a new one. Answers on their way are lost. */
  drop(): void {
    if (this.#state !== 'ready') return;
    this.#setState('connecting');
    this.#redis.stream.destroy();
  }

  /** {@link drop}, since it does not answer: what is said of its end says only that it ended. */
  #dropSilent(): void {
    if (this.#state === 'ready') this.#silent = true;
    this.drop();
  }

  /** What an error says; of a connection that ended because the server was silent, that. */
  #saying(error: unknown): unknown {
    return this.#silent && isOfEnd(error) ? timedOut() : error;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#setState('closed');
    this.#ignoreSocketErrors();
    this.#redis.disconnect();
  }

  /** Like {@link drop}, but answers on their way still arrive. */
  #reconnect(): void {
    if (this.#state !== 'ready') return;
    this.#setState('connecting');
    this.#ignoreSocketErrors();
    this.#redis.disconnect(true);
  }

  /** ioredis listens for one error of a socket only: a second one (TLS cut off in its handshake) would end the process. */
  #ignoreSocketErrors(): void {
    const socket = this.#redis.stream as Socket | undefined;
    socket?.on('error', () => undefined);
  }

  /** There is no connection yet, or there is one on which nobody has answered. */
  get #isConnecting(): boolean {
    return (this.#redis.stream as Socket | undefined)?.connecting !== false;
  }

  #send(name: string, args: Arguments, sent: { written: boolean }): Promise<Reply> {
    const command = new Command(name, [...args], { replyEncoding: 'utf8' });
    const encode = command.toWritable.bind(command);
    // Called only when it goes to the socket: from here on it may have been sent.
    command.toWritable = (socket) => {
      sent.written = true;
      return encode(socket);
    };
    return this.#redis.sendCommand(command) as Promise<Reply>;
  }

  #listen(): void {
    const redis = this.#redis;
    let firstError: unknown;
    let wasReady = false;
    redis.on('connecting', () => {
      firstError = undefined;
    });
    redis.on('error', (error: unknown) => {
      firstError ??= error;
      this.#ignoreSocketErrors();
      // ioredis asks sentinels again and again inside one attempt, which may give no other error than this.
      if (this.#state === 'connecting') this.#fail(error);
    });
    redis.on('ready', () => {
      // Such as a refused SELECT, after which ioredis would go on in database 0.
      if (codeOf(firstError) !== undefined) {
        redis.disconnect(true);
        return;
      }
      wasReady = true;
      this.#wasEverReady = true;
      this.#silent = false;
      this.#setState('ready');
      this.#options.onReady?.();
    });
    redis.on('close', () => {
      this.#renewLogin();
      // A connection that was ready is probably back in a moment: calls wait for the outcome of the next attempt.
      if (wasReady) this.#setState('connecting');
      else this.#fail(firstError);
      wasReady = false;
    });
    redis.on('end', () => this.#fail(firstError));
  }

  /** A password in a file may have been replaced since: the next connection logs in with the new one. */
  #renewLogin(): void {
    try {
      Object.assign(this.#redis.options, serverLogin(this.#options));
    } catch {
      // It is being written: the one that was read last goes on.
    }
  }

  #fail(error: unknown): void {
    this.#failure = this.#saying(error) ?? this.#failure ?? new Error('it closed the connection');
    if (!this.#wasEverReady && isClosed(this.#failure))
      this.#failure = closedAtOnce(this.#failure, this.#options.address.tls);
    this.#setState('failed');
  }

  #setState(state: 'connecting' | 'ready' | 'failed' | 'closed'): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    if (state === 'connecting') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}

function timedOut(): NoAnswer {
  return new NoAnswer('it does not answer');
}
