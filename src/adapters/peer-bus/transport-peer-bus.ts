import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import { PeerRequestError, type PeerBus } from '../../domain/peer-bus.ts';
import { StoreUnreachable } from '../../domain/store.ts';
import { decodeError, decodeMessage, encodeError, encodeMessage, type Message } from './message.ts';

/** What brings letters from one replica to another; one a technology. */
export interface Transport {
  /** Resolves when letters can come in, or when that has to wait for the store. */
  start(arrivals: Receiver): Promise<void>;
  /** False: nobody of that name is there. Throws StoreUnreachable when surely nobody heard it, else anything. */
  send(to: string, letter: string): Promise<boolean>;
  /** To all others (and perhaps to this one). */
  sendToAll(letter: string): void;
  close(): Promise<void>;
}

export interface Receiver {
  /** Names this replica. */
  readonly self: string;
  receive(letter: string): void;
  /** That replica is gone, and will not answer any more. */
  disconnected(name: string): void;
}

export interface PeerBusOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly log: Pick<Logger, 'error'>;
}

type Handler = Parameters<PeerBus['handle']>[1];

interface Question {
  readonly to: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An answer whose asker is not heard from just now (it may be connecting again) is sent again: how often, and ms between. */
const TRIES = 8;
const AGAIN = 250;

/** Questions and answers, topics and listeners: what is the same whichever way letters travel. */
export class TransportPeerBus implements PeerBus {
  readonly self = randomBytes(6).toString('hex');
  readonly #clock: Clock;
  readonly #carrier: Transport;
  readonly #log: Pick<Logger, 'error'>;
  readonly #handlers = new Map<string, Handler>();
  readonly #listeners = new Map<string, Set<(message: unknown) => void>>();
  readonly #asked = new Map<string, Question>();
  readonly #serving = new Map<string, AbortController>();
  #count = 0;
  #closed: Promise<void> | undefined;

  static async open(options: PeerBusOptions): Promise<TransportPeerBus> {
    const office = new TransportPeerBus(options);
    await office.#carrier.start({
      self: office.self,
      receive: (letter) => office.#receive(letter),
      disconnected: (name) => office.#gone(name),
    });
    return office;
  }

  private constructor(options: PeerBusOptions) {
    this.#clock = options.clock;
    this.#carrier = options.transport;
    this.#log = options.log;
  }

  handle(topic: string, handler: Handler): () => void {
    this.#handlers.set(topic, handler);
    return () => {
      if (this.#handlers.get(topic) === handler) this.#handlers.delete(topic);
    };
  }

  async request(to: string, topic: string, message: unknown, signal: AbortSignal): Promise<unknown> {
    if (this.#closed || signal.aborted) throw nobody('it was not sent');
    const id = String(++this.#count);
    const letter = encodeMessage({ kind: 'ask', id, from: this.self, topic, body: message });
    let onAbort: () => void = () => undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#asked.set(id, { to, resolve, reject });
        onAbort = () => {
          reject(new PeerRequestError('unanswered', `the replica ${to} has not answered in time`));
          void this.#send(to, { kind: 'cancel', id, from: this.self });
        };
        signal.addEventListener('abort', onAbort, { once: true });
        this.#deliver(to, letter).then(
          (heard) => heard || reject(nobody(`no replica ${to} is there`)),
          (error: unknown) => reject(lost(error)),
        );
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#asked.delete(id);
    }
  }

  publish(topic: string, message: unknown): void {
    if (this.#closed) return;
    const letter = encodeMessage({ kind: 'news', from: this.self, topic, body: message });
    this.#tell(topic, (JSON.parse(letter) as { body?: unknown }).body);
    this.#carrier.sendToAll(letter);
  }

  subscribe(topic: string, listener: (message: unknown) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    // Wrapped, so that one function may listen twice.
    const entry = (message: unknown) => {
      if (listeners.has(entry)) listener(message);
    };
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = this.#carrier.close();
      for (const controller of this.#serving.values()) controller.abort();
      for (const { reject } of this.#asked.values())
        reject(new PeerRequestError('unanswered', 'this replica is leaving'));
      this.#handlers.clear();
      this.#listeners.clear();
    }
    return this.#closed;
  }

  #receive(text: string): void {
    const letter = decodeMessage(text);
    if (!letter || this.#closed) return;
    switch (letter.kind) {
      case 'ask':
        return void this.#serve(letter);
      case 'cancel':
        return this.#serving.get(`${letter.from} ${letter.id}`)?.abort();
      case 'news':
        // Ours was told at once.
        return letter.from === this.self ? undefined : this.#tell(letter.topic, letter.body);
      case 'answer':
        return this.#asked.get(letter.id)?.resolve(letter.body);
      case 'refusal':
        return this.#asked.get(letter.id)?.reject(decodeError(letter.body));
      case 'deaf':
        return this.#asked.get(letter.id)?.reject(nobody('that replica does not do this'));
    }
  }

  async #serve({ id, from, topic, body }: Message & { kind: 'ask' }): Promise<void> {
    const handler = this.#handlers.get(topic);
    if (!handler) return this.#send(from, { kind: 'deaf', id }, TRIES);
    const controller = new AbortController();
    this.#serving.set(`${from} ${id}`, controller);
    try {
      const answer = await handler(body, controller.signal);
      await this.#send(from, { kind: 'answer', id, body: answer }, TRIES);
    } catch (error) {
      await this.#send(from, { kind: 'refusal', id, body: encodeError(error) }, TRIES);
    } finally {
      this.#serving.delete(`${from} ${id}`);
    }
  }

  /** Throws only for what cannot be written down. */
  async #send(to: string, letter: Message, tries = 1): Promise<void> {
    const text = encodeMessage(letter);
    for (let attempt = 1; !this.#closed; attempt++) {
      const heard = await this.#deliver(to, text).catch(() => false);
      if (heard || attempt >= tries) return;
      await new Promise<void>((resolve) => this.#clock.after(AGAIN, resolve));
    }
  }

  async #deliver(to: string, letter: string): Promise<boolean> {
    if (to !== this.self) return this.#carrier.send(to, letter);
    // Not within this turn: an answer must not come before its question is asked.
    this.#clock.soon(() => this.#receive(letter));
    return true;
  }

  #tell(topic: string, message: unknown): void {
    // Later: who broadcasts must not find its listeners' work done in its own turn.
    for (const listener of this.#listeners.get(topic) ?? [])
      this.#clock.soon(() => {
        // Anybody may write where we are read: what one listener cannot bear must not end the daemon.
        try {
          listener(message);
        } catch (error) {
          this.#log.error({ err: error, topic }, 'news from a replica could not be taken in');
        }
      });
  }

  #gone(name: string): void {
    for (const { to, reject } of this.#asked.values())
      if (to === name) reject(new PeerRequestError('unanswered', `the replica ${name} has gone`));
  }
}

function nobody(why: string): PeerRequestError {
  return new PeerRequestError('undelivered', why);
}

function lost(error: unknown): PeerRequestError {
  const text = error instanceof Error ? error.message : String(error);
  return new PeerRequestError(error instanceof StoreUnreachable ? 'undelivered' : 'unanswered', text);
}
