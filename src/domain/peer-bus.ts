/**
 * How the replicas of one store talk to each other: a command goes to the replica that holds the connector, a camera
 * update to everyone. Nothing is kept: who is not there does not hear it. Adapters live beside the stores, and both
 * pass `test/contract/post.ts`.
 *
 * Messages are JSON values of at most {@link MESSAGE_LIMIT} bytes.
 */
export interface PeerBus {
  /** Names this replica; unique among all that share the store, and new at every start. */
  readonly self: string;
  /** Everything sent to this replica under `topic` goes to `handler`; what it returns goes back to who asked. Returns how to stop. */
  handle(topic: string, handler: (message: unknown, signal: AbortSignal) => Promise<unknown>): () => void;
  /**
   * Asks the replica `to` (it may be this one). Throws `PeerRequestError` at once when nobody of that name is there, and when
   * the signal fires, or the store is away; what the handler threw comes back as an `Error` with its message and, for a DomainError, as one.
   */
  request(to: string, topic: string, message: unknown, signal: AbortSignal): Promise<unknown>;
  /** To every replica, this one too. Best effort. */
  publish(topic: string, message: unknown): void;
  subscribe(topic: string, listener: (message: unknown) => void): () => void;
  close(): Promise<void>;
}

export const MESSAGE_LIMIT = 2 * 1024 * 1024;

/** `nobody`: it was surely not heard. `unanswered`: it may have been. */
export class PeerRequestError extends Error {
  override name = 'PeerRequestError';
  readonly why: 'undelivered' | 'unanswered';

  constructor(why: 'undelivered' | 'unanswered', message: string) {
    super(message);
    this.why = why;
  }
}
