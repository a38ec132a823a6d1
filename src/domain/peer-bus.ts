/**
 * How the replicas of one store talk to each other: a command goes to the replica that holds the connector, a camera
 * update to all. Nothing is kept: a replica that is not there misses it. Both adapters pass
 * `test/contract/peer-bus.ts`.
 *
 * Messages are JSON values of at most {@link MESSAGE_LIMIT} bytes.
 */
export interface PeerBus {
  /** Names this replica; unique among all that share the store, and new at every start. */
  readonly self: string;
  /** Answers requests to this replica under `topic` with what `handler` returns. Returns how to stop. */
  handle(topic: string, handler: (message: unknown, signal: AbortSignal) => Promise<unknown>): () => void;
  /**
   * Asks the replica `to` (it may be this one). Throws {@link PeerRequestError} at once when no such replica is there, when
   * the signal aborts, and when the store is away. What the handler threw comes back as an `Error` with its message,
   * a DomainError as a DomainError.
   */
  request(to: string, topic: string, message: unknown, signal: AbortSignal): Promise<unknown>;
  /** Sends to every replica, this one too. Best effort. */
  publish(topic: string, message: unknown): void;
  /**
   * Publishes an empty message for which an earlier one serves as well: a replica that has not read what it was sent before
   * may not get it.
   */
  hint(topic: string): void;
  subscribe(topic: string, listener: (message: unknown) => void): () => void;
  close(): Promise<void>;
}

export const MESSAGE_LIMIT = 2 * 1024 * 1024;

/** `undelivered`: the other replica surely did not get it. `unanswered`: it may have. */
export class PeerRequestError extends Error {
  override name = 'PeerRequestError';
  readonly why: 'undelivered' | 'unanswered';

  constructor(why: 'undelivered' | 'unanswered', message: string) {
    super(message);
    this.why = why;
  }
}

/** Brings encoded messages from one replica to another: what a technology adds to a peer bus. */
export interface Transport {
  /** Resolves when messages can come in, or when that has to wait for the store. */
  start(receiver: Receiver): Promise<void>;
  /** False: no replica of that name is there. Throws StoreUnreachable when surely nobody got it, else anything. */
  send(to: string, text: string): Promise<boolean>;
  /** To all other replicas (and perhaps to this one). `onlyReading`: those that are behind with reading may be left out. */
  sendToAll(text: string, onlyReading?: boolean): void;
  close(): Promise<void>;
}

export interface Receiver {
  /** Names this replica. */
  readonly self: string;
  receive(text: string): void;
  /** That replica has ended, and will not answer any more. */
  disconnected(name: string): void;
}

/** Bytes of an encoded message at most: its body and what is written around it. */
export const ENVELOPE_LIMIT = MESSAGE_LIMIT + 4096;
