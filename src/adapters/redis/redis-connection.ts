import type { Socket } from 'node:net';
import { Command, Redis } from 'ioredis';
import type { Clock } from '../../domain/clock.ts';
import { STORE_TIMEOUT, StoreUnanswered, StoreUnreachable } from '../../domain/store.ts';
import type { RedisAddress } from './redis-address.ts';
import { codeOf, damaged, isReply, saysElsewhere, saysNotDone, unreachable } from './redis-errors.ts';
import { redisOptions } from './redis-options.ts';

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  /** One of the keys, by which a cluster's node is found. */
  readonly key: string;
  /** False: the connection is never made again, so that whoever uses it knows that all answers are one server's. */
  readonly again: boolean;
  /** Called each time the connection stands: what was subscribed to before is not any more. */
  readonly onReady?: () => void;
  /** What comes in on channels that were subscribed to. */
  readonly onMessage?: (channel: string, text: string) => void;
}

export interface Call {
  readonly command: string;
  readonly args: readonly (string | number)[];
  /** It changes something: without an answer nobody knows whether it did. */
  readonly writes?: boolean;
  /** Milliseconds, the wait for the connection included; {@link STORE_TIMEOUT} when left out. */
  readonly timeout?: number;
}

export type Reply = string | number | null | readonly Reply[];

/**
 * One connection to Redis that comes back by itself, and on which every call answers or throws in time:
 * {@link StoreUnreachable} when nothing was done, {@link StoreUnanswered} for a write of which nobody knows. Nothing
 * waits in a queue for a server that is away, and nothing is sent twice.
 */
export class RedisConnection {
  readonly #where: string;
  readonly #clock: Clock;
  readonly #redis: Redis;
  readonly #onReady: () => void;
  #state: 'connecting' | 'ready' | 'failed' | 'closed' = 'connecting';
  /** Why the last attempt failed; kept while the next ones are made, so that calls fail at once meanwhile. */
  #failure: unknown;
  #waiting: (() => void)[] = [];

  constructor(options: RedisConnectionOptions) {
    this.#where = options.address.text;
    this.#clock = options.clock;
    this.#redis = new Redis(redisOptions(options));
    this.#onReady = options.onReady ?? (() => undefined);
    if (options.onMessage) this.#redis.on('smessage', options.onMessage);
    this.#listen();
  }

  /** Resolves when the connection stands. */
  async opened(): Promise<void> {
    await this.#ready(STORE_TIMEOUT);
  }

  async call(call: Call): Promise<Reply> {
    const deadline = this.#clock.monotonic() + (call.timeout ?? STORE_TIMEOUT);
    for (;;) {
      await this.#ready(deadline - this.#clock.monotonic());
      const sent = { written: false };
      try {
        return await this.#within(deadline - this.#clock.monotonic(), this.#send(call, sent));
      } catch (error) {
        const reply = isReply(error);
        if (!sent.written && !(error instanceof TimeoutError)) {
          // The server has just hung up, and we have not heard of it: nothing was sent, so the next connection may.
          this.drop();
          continue;
        }
        if (error instanceof TimeoutError) this.drop();
        else if (saysElsewhere(error)) this.#leave();
        // Redis does not know the script: for who keeps the scripts.
        if (codeOf(error) === 'NOSCRIPT') throw error;
        if (reply && !saysNotDone(error)) throw damaged(this.#where, error);
        if (reply || !sent.written || call.writes !== true) throw unreachable(this.#where, error);
        throw new StoreUnanswered(`the Redis at ${this.#where} did not answer`, { cause: error });
      }
    }
  }

  /** Ends the connection at once and makes a new one: what came over it may never come to its end. */
  drop(): void {
    if (this.#state !== 'ready') return;
    this.#become('connecting');
    this.#redis.stream.destroy();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#become('closed');
    this.#hush();
    this.#redis.disconnect();
  }

  /** Like {@link drop}, but answers on their way still arrive. */
  #leave(): void {
    if (this.#state !== 'ready') return;
    this.#become('connecting');
    this.#hush();
    this.#redis.disconnect(true);
  }

  /** ioredis listens for one error of a socket only: a second one (TLS cut off in its handshake) would end the process. */
  #hush(): void {
    const socket = this.#redis.stream as Socket | undefined;
    socket?.on('error', () => undefined);
  }

  #send(call: Call, sent: { written: boolean }): Promise<Reply> {
    const command = new Command(call.command, [...call.args], { replyEncoding: 'utf8' });
    const encode = command.toWritable.bind(command);
    // Called when it goes to the socket, and only then: from here on nobody can say that nothing was sent.
    command.toWritable = (socket) => {
      sent.written = true;
      return encode(socket);
    };
    return this.#redis.sendCommand(command) as Promise<Reply>;
  }

  async #ready(timeout: number): Promise<void> {
    const deadline = this.#clock.monotonic() + timeout;
    while (this.#state === 'connecting') {
      const change = new Promise<void>((resolve) => this.#waiting.push(resolve));
      try {
        await this.#within(deadline - this.#clock.monotonic(), change);
      } catch (error) {
        throw unreachable(this.#where, error);
      }
    }
    if (this.#state === 'closed') throw new StoreUnreachable('the connection to Redis is closed');
    if (this.#state === 'failed') throw unreachable(this.#where, this.#failure);
  }

  /** Rejects after `ms`, unless the answer has arrived by then and only waits behind the timer. */
  async #within<T>(ms: number, answer: Promise<T>): Promise<T> {
    let cancel: () => void = () => undefined;
    const patience = new Promise<never>((_, reject) => {
      cancel = this.#clock.after(ms, () =>
        this.#clock.soon(() => reject(new TimeoutError('it does not answer'))),
      );
    });
    try {
      return await Promise.race([answer, patience]);
    } finally {
      cancel();
    }
  }

  #listen(): void {
    const redis = this.#redis;
    let trouble: unknown;
    let wasReady = false;
    redis.on('connecting', () => {
      trouble = undefined;
    });
    redis.on('error', (error: unknown) => {
      trouble ??= error;
      this.#hush();
      // Sentinels are asked again and again inside one attempt: its first error is all there may be to hear.
      if (this.#state === 'connecting') this.#fail(error);
    });
    redis.on('ready', () => {
      // A refused SELECT among them, after which ioredis would go on in database 0.
      if (codeOf(trouble) !== undefined) {
        redis.disconnect(true);
        return;
      }
      wasReady = true;
      this.#become('ready');
      this.#onReady();
    });
    redis.on('close', () => {
      // What was ready and broke is probably back in a moment: calls wait for the outcome of the next attempt.
      if (wasReady) this.#become('connecting');
      else this.#fail(trouble);
      wasReady = false;
    });
    redis.on('end', () => this.#fail(trouble));
  }

  #fail(trouble: unknown): void {
    this.#failure = trouble ?? this.#failure ?? new Error('it ended the connection');
    this.#become('failed');
  }

  #become(state: 'connecting' | 'ready' | 'failed' | 'closed'): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    if (state === 'connecting') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}

class TimeoutError extends Error {}
