import { randomUUID } from 'node:crypto';
import { pause, RequestRejected, type HttpReply, type RetryingClient } from './http-client.ts';
import type { TraceLine } from './trace.ts';

interface Lease {
  readonly generation: string;
  /** Seconds. */
  readonly ttl: number;
}

/** The compositors of a trace: registers them, publishes for them, and keeps their leases. */
export class Fleet {
  readonly #client: RetryingClient;
  readonly #leases = new Map<string, Lease>();
  /** The same for the whole run: a registration that is sent twice stays one registration. */
  readonly #instance = randomUUID();

  constructor(client: RetryingClient) {
    this.#client = client;
  }

  async join(ids: Iterable<string>): Promise<void> {
    for (const id of ids) await this.#register(id);
  }

  /** Publishes the tiles of one line as its compositor, and returns the cursor after it. */
  async publish({ compositor, tiles }: TraceLine): Promise<string> {
    let cursor = '';
    for (const body of tileBodies(tiles)) {
      const reply = await this.#sendWithLease(compositor, '/tiles', { method: 'PATCH', body });
      cursor = (reply.body as { cursor: string }).cursor;
    }
    return cursor;
  }

  /** Renews every lease in time until `signal`. */
  async keepLeases(signal: AbortSignal): Promise<void> {
    // A third of the shortest lease: two renewals in a row may get lost.
    const interval = () => Math.min(30, ...[...this.#leases.values()].map(({ ttl }) => ttl)) * (1000 / 3);
    while (await pause(interval(), signal))
      for (const id of this.#leases.keys())
        if (!signal.aborted) await this.#sendWithLease(id, '/lease', { method: 'PUT' });
  }

  /** Removes all of them with their tiles; through another `client` when the fleet's own was stopped. */
  async leave(client: RetryingClient = this.#client): Promise<void> {
    for (const [id, { generation }] of this.#leases) {
      const headers = { 'lease-generation': generation };
      await client.send(`/compositors/${id}`, { method: 'DELETE', headers }).catch(ignoreNotFound);
      this.#leases.delete(id);
    }
  }

  /** Removes whatever has these ids, whoever registered it: an interrupted run may have left them. */
  async clear(ids: ReadonlySet<string>): Promise<void> {
    for (const id of await this.#registered())
      if (ids.has(id))
        await this.#client.send(`/compositors/${id}`, { method: 'DELETE' }).catch(ignoreNotFound);
  }

  /** The ids that the daemon knows. Each one that it did not would be a line of its log. */
  async #registered(): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
      const { body } = await this.#client.send(`/compositors?limit=1000${query}`, { method: 'GET' });
      const page = body as { items: readonly { id: string }[]; next: string | null };
      ids.push(...page.items.map(({ id }) => id));
      after = page.next;
    }
    return ids;
  }

  async #register(id: string): Promise<Lease> {
    const body = { name: id, instance: this.#instance };
    const reply = await this.#client.send(`/compositors/${id}`, { method: 'PUT', body });
    const { lease } = reply.body as { lease: Lease };
    this.#leases.set(id, lease);
    return lease;
  }

  /** Sends a request fenced by the id's lease; registers the id again, once, when the daemon does not know it any more. */
  async #sendWithLease(
    id: string,
    path: string,
    request: { method: string; body?: string },
  ): Promise<HttpReply> {
    const send = ({ generation }: Lease) =>
      this.#client.send(`/compositors/${id}${path}`, {
        ...request,
        headers: { 'lease-generation': generation },
      });
    try {
      return await send(this.#leases.get(id) ?? (await this.#register(id)));
    } catch (error) {
      ignoreNotFound(error);
      return send(await this.#register(id));
    }
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof RequestRejected) || error.status !== 404) throw error;
}

/** The daemon's limits for one request: 1 MiB (here less the braces) and 10,000 tiles. */
const MAX_BYTES = 1_048_576 - 2;
const MAX_TILES = 10_000;

/** The request bodies that publish `tiles`, in order: one, unless it would exceed the limits. */
export function tileBodies(tiles: TraceLine['tiles'], maxBytes = MAX_BYTES, maxTiles = MAX_TILES): string[] {
  const bodies: string[] = [];
  let entries: string[] = [];
  let bytes = 0;
  const flush = () => {
    bodies.push(`{${entries.join(',')}}`);
    entries = [];
    bytes = 0;
  };
  for (const [key, tile] of tiles) {
    const entry = `${JSON.stringify(key)}:${JSON.stringify(tile)}`;
    const size = Buffer.byteLength(entry) + 1;
    if (entries.length > 0 && (entries.length === maxTiles || bytes + size > maxBytes)) flush();
    entries.push(entry);
    bytes += size;
  }
  if (entries.length > 0 || bodies.length === 0) flush();
  return bodies;
}
