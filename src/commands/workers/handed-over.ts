import type { ChildProcess } from 'node:child_process';

interface Handle {
  close(): void;
}

/** What `node:cluster` sends a worker with a connection, and the worker's answer: `ack` is the number of that message. */
interface ClusterMessage {
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * The connections that were handed to a worker and that it has not taken yet. Node forgets them when the worker dies, and leaves them open:
 * their clients would wait for ever.
 */
export class HandedOver {
  readonly #connections = new Map<number, Handle>();

  /** Must be made before the worker listens. */
  constructor(worker: ChildProcess) {
    const send = worker.send.bind(worker) as (...all: unknown[]) => boolean;
    worker.send = (message: unknown, handle?: unknown, ...rest: unknown[]) => {
      const { act, seq } = message as ClusterMessage;
      if (act === 'newconn' && seq !== undefined) this.#connections.set(seq, handle as Handle);
      return send(message, handle, ...rest);
    };
    worker.on('internalMessage', ({ ack }: ClusterMessage) => {
      if (ack !== undefined) this.#connections.delete(ack);
    });
  }

  /** The worker has ended: closes what it has not taken, so that clients try again. */
  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }
}
