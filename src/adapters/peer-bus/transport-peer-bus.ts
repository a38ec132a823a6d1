import { randomBytes } from 'node:crypto';
import { sleep } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/errors.ts';
import type { Logger } from '../../domain/logger.ts';
import { PeerRequestError, type PeerBus, type Transport } from '../../domain/peer-bus.ts';
import { StoreUnreachable } from '../../domain/store.ts';
import { decodeError, decodeMessage, encodeError, encodeMessage, type Message } from './message.ts';

export interface PeerBusOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly log: Pick<Logger, 'error'>;
}

type Handler = Parameters<PeerBus['handle']>[1];

interface PendingRequest {
  readonly to: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Subscription {
  readonly topic: string;
  readonly listener: (message: unknown) => void;
}

/** An answer to a replica that does not listen just now (it may be reconnecting) is sent again: how often, and ms between. */
const ANSWER_ATTEMPTS = 8;
const ANSWER_INTERVAL = 250;

/** Requests and their handlers, topics and their listeners: the same over every transport. */
export class TransportPeerBus implements PeerBus {
  readonly self = randomBytes(6).toString('hex');
  readonly #options: PeerBusOptions;
  readonly #handlers = new Map<string, Handler>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #pending = new Map<string, PendingRequest>();
  /** The requests of others that are handled here, by replica and id. */
  readonly #handling = new Map<string, AbortController>();
  #lastId = 0;
  #closed: Promise<void> | undefined;

  static async open(options: PeerBusOptions): Promise<TransportPeerBus> {
    const peerBus = new TransportPeerBus(options);
    await peerBus.#options.transport.start({
      self: peerBus.self,
      receive: (text) => peerBus.#receive(text),
      disconnected: (name) => peerBus.#rejectPending(`the replica ${name} has ended`, name),
    });
    return peerBus;
  }

  private constructor(options: PeerBusOptions) {
    this.#options = options;
  }

  handle(topic: string, handler: Handler): () => void {
    this.#handlers.set(topic, handler);
    return () => {
      if (this.#handlers.get(topic) === handler) this.#handlers.delete(topic);
    };
  }

  async request(to: string, topic: string, message: unknown, signal: AbortSignal): Promise<unknown> {
    if (this.#closed || signal.aborted) throw undelivered('it was not sent');
    const id = String(++this.#lastId);
    const text = encodeMessage({ kind: 'ask', id, from: this.self, topic, body: message });
    let onAbort: () => void = () => undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { to, resolve, reject });
        onAbort = () => {
          reject(new PeerRequestError('unanswered', `the replica ${to} has not answered in time`));
          void this.#send(to, { kind: 'cancel', id, from: this.self });
        };
        signal.addEventListener('abort', onAbort, { once: true });
        this.#sendText(to, text).then(
          (delivered) => delivered || reject(undelivered(`there is no replica ${to}`)),
          (error: unknown) => reject(sendingFailed(error)),
        );
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#pending.delete(id);
    }
  }

  publish(topic: string, message: unknown): void {
    if (this.#closed) return;
    const text = encodeMessage({ kind: 'news', from: this.self, topic, body: message });
    this.#notify(topic, (JSON.parse(text) as { body?: unknown }).body);
    this.#options.transport.sendToAll(text);
  }

  hint(topic: string): void {
    if (this.#closed) return;
    this.#notify(topic, undefined);
    this.#options.transport.sendToAll(encodeMessage({ kind: 'news', from: this.self, topic }), true);
  }

  subscribe(topic: string, listener: (message: unknown) => void): () => void {
    const subscription = { topic, listener };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = this.#options.transport.close();
      for (const controller of this.#handling.values()) controller.abort();
      this.#rejectPending('this replica is closing');
      this.#handlers.clear();
      this.#subscriptions.clear();
    }
    return this.#closed;
  }

  #receive(text: string): void {
    const message = decodeMessage(text);
    if (!message || this.#closed) return;
    switch (message.kind) {
      case 'ask':
        return void this.#answer(message);
      case 'cancel':
        return this.#handling.get(`${message.from} ${message.id}`)?.abort();
      case 'news':
        // The listeners of the replica that published were called when it did.
        return message.from === this.self ? undefined : this.#notify(message.topic, message.body);
      case 'answer':
        return this.#pending.get(message.id)?.resolve(message.body);
      case 'refusal':
        return this.#pending.get(message.id)?.reject(decodeError(message.body));
      case 'deaf':
        return this.#pending.get(message.id)?.reject(undelivered('that replica has no handler for it'));
    }
  }

  async #answer({ id, from, topic, body }: Message & { kind: 'ask' }): Promise<void> {
    const handler = this.#handlers.get(topic);
    if (!handler) return this.#send(from, { kind: 'deaf', id }, ANSWER_ATTEMPTS);
    const controller = new AbortController();
    this.#handling.set(`${from} ${id}`, controller);
    try {
      const answer = await handler(body, controller.signal);
      await this.#send(from, { kind: 'answer', id, body: answer }, ANSWER_ATTEMPTS);
    } catch (error) {
      await this.#send(from, { kind: 'refusal', id, body: encodeError(error) }, ANSWER_ATTEMPTS);
    } finally {
      this.#handling.delete(`${from} ${id}`);
    }
  }

  /** Throws only for what cannot be encoded. */
  async #send(to: string, message: Message, attempts = 1): Promise<void> {
    const text = encodeMessage(message);
    for (let attempt = 1; !this.#closed; attempt++) {
      const delivered = await this.#sendText(to, text).catch(() => false);
      if (delivered || attempt >= attempts) return;
      await sleep(this.#options.clock, ANSWER_INTERVAL);
    }
  }

  async #sendText(to: string, text: string): Promise<boolean> {
    if (to !== this.self) return this.#options.transport.send(to, text);
    // Not within this turn of the event loop: an answer must not come before its request was noted.
    this.#options.clock.soon(() => this.#receive(text));
    return true;
  }

  #notify(topic: string, message: unknown): void {
    for (const subscription of this.#subscriptions)
      // Later: publish() must return before any listener does its work.
      if (subscription.topic === topic) this.#options.clock.soon(() => this.#call(subscription, message));
  }

  #call(subscription: Subscription, message: unknown): void {
    if (!this.#subscriptions.has(subscription)) return;
    const { topic, listener } = subscription;
    // Anybody may publish here: a message that a listener does not expect must not end the daemon.
    try {
      listener(message);
    } catch (error) {
      this.#options.log.error({ err: error, topic }, 'a message from another replica was not understood');
    }
  }

  /** Ends the requests to the replica `name`, or all. */
  #rejectPending(why: string, name?: string): void {
    for (const { to, reject } of this.#pending.values())
      if (name === undefined || to === name) reject(new PeerRequestError('unanswered', why));
  }
}

function undelivered(why: string): PeerRequestError {
  return new PeerRequestError('undelivered', why);
}

function sendingFailed(error: unknown): PeerRequestError {
  const why = error instanceof StoreUnreachable ? 'undelivered' : 'unanswered';
  return new PeerRequestError(why, messageOf(error));
}
