import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused, type DaemonClient } from './daemon-client.ts';
import { tileBodies } from './tile-bodies.ts';
import type { TraceLine } from './trace.ts';

interface Lease {
  readonly generation: string;
  /** Seconds. */
  readonly ttl: number;
}

/** Compositors that one process plays: registers them, publishes for them, and keeps their leases. */
export class Fleet {
  readonly #client: DaemonClient;
  readonly #leases = new Map<string, Lease>();
  /** The same for every registration of this run: one that is sent twice is one registration. */
  readonly #instance = randomUUID();

  constructor(options: { client: DaemonClient }) {
    this.#client = options.client;
  }

  async join(ids: Iterable<string>): Promise<void> {
    for (const id of ids) await this.#register(id);
  }

  /** Publishes the tiles of one line as its compositor; the cursor after it. */
  async publish({ compositor, tiles }: TraceLine): Promise<string> {
    let cursor = '';
    for (const body of tileBodies(tiles)) {
      const reply = await this.#held(compositor, (generation) =>
        this.#client.send({ method: 'PATCH', path: `/compositors/${compositor}/tiles`, body, generation }),
      );
      cursor = (reply.body as { cursor: string }).cursor;
    }
    return cursor;
  }

  /** Renews every lease in time until `signal`. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ttl = Math.min(30, ...[...this.#leases.values()].map((lease) => lease.ttl));
      // A third: two renewals may be lost on the way.
      if (!(await pause((ttl * 1000) / 3, signal))) return;
      for (const id of this.#leases.keys()) {
        if (isAborted(signal)) return;
        await this.#held(id, (generation) =>
          this.#client.send({ method: 'PUT', path: `/compositors/${id}/lease`, generation }),
        );
      }
    }
  }

  /** Takes them all away, with their tiles; through a `client` that still works when the usual one was stopped. */
  async leave(client: DaemonClient = this.#client): Promise<void> {
    for (const [id, { generation }] of this.#leases) {
      await client.send({ method: 'DELETE', path: `/compositors/${id}`, generation }).catch(unlessGone);
      this.#leases.delete(id);
    }
  }

  /** Takes whatever has these ids away, whoever registered it: what a run that was cut off left behind. */
  async clear(ids: Iterable<string>): Promise<void> {
    for (const id of ids)
      await this.#client.send({ method: 'DELETE', path: `/compositors/${id}` }).catch(unlessGone);
  }

  async #register(id: string): Promise<Lease> {
    const body = JSON.stringify({ name: id, instance: this.#instance });
    const reply = await this.#client.send({ method: 'PUT', path: `/compositors/${id}`, body });
    const { lease } = reply.body as { lease: Lease };
    this.#leases.set(id, lease);
    return lease;
  }

  /** Calls `write` with the id's generation; once more after a registration when the daemon does not know it any more. */
  async #held<T>(id: string, write: (generation: string) => Promise<T>): Promise<T> {
    const { generation } = this.#leases.get(id) ?? (await this.#register(id));
    try {
      return await write(generation);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      return write((await this.#register(id)).generation);
    }
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Refused) || error.status !== 404) throw error;
}

/** False when `signal` ended the pause. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** A call, so that the compiler does not take an earlier answer for this one. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
