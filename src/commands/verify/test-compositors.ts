import { randomBytes } from 'node:crypto';
import { isSuccess, isUnavailable, pause, type HttpReply, type HttpRequest } from '../http-client.ts';
import type { Observations } from './observations.ts';

/** Seconds: when verify is killed, its compositors turn stale after that. */
const TTL = 30;
/** Milliseconds for which the removal is retried. */
const REMOVAL_TIMEOUT = 8_000;
const RETRY_DELAY = 150;

/** Sends a request to one URL of the deployment, with verify's token. Never throws. */
export type Send = (url: string, path: string, request?: HttpRequest) => Promise<HttpReply>;

export interface Registered {
  readonly id: string;
  readonly generation: string;
  readonly reply: HttpReply;
}

/** The temporary compositors of one run: all that were registered are removed at the end. */
export class TestCompositors {
  readonly #run = randomBytes(4).toString('hex');
  readonly #send: Send;
  readonly #observations: Observations;
  readonly #ids = new Set<string>();
  #next = 0;

  constructor(send: Send, observations: Observations) {
    this.#send = send;
    this.#observations = observations;
  }

  id(role: string): string {
    return `verify-${this.#run}-${role}`;
  }

  /** One URL after the other. */
  nextUrl(): string {
    const { urls } = this.#observations;
    return urls[this.#next++ % urls.length]!;
  }

  /** Sends a write and records its reply. */
  async write(url: string, what: string, path: string, request: HttpRequest): Promise<HttpReply> {
    const reply = await this.#send(url, path, request);
    const { status, code, sentAt, ms } = reply;
    this.#observations.replies.push({ url, what, status, code, sentAt, ms });
    return reply;
  }

  /** Writes tiles as a compositor that {@link register} registered. */
  writeTiles(url: string, { id, generation }: Registered, body: object, what = `write of ${id}`) {
    const headers = { 'lease-generation': generation };
    return this.write(url, what, `/compositors/${id}/tiles`, { method: 'PATCH', body, headers });
  }

  /** Registers `id`, again while the deployment is unavailable; undefined when it was rejected or `signal` aborted. */
  async register(options: {
    id: string;
    url?: string;
    ttl?: number;
    instance?: string;
    signal: AbortSignal;
  }): Promise<Registered | undefined> {
    const { id, url, ttl = TTL, instance = 'verify', signal } = options;
    this.#ids.add(id);
    const body = { name: 'compositord verify', ttl, instance, labels: { verify: this.#run } };
    while (!signal.aborted) {
      const at = url ?? this.nextUrl();
      const request = { method: 'PUT', body };
      const reply = await this.write(at, `registration of ${id}`, `/compositors/${id}`, request);
      const { lease } = (reply.body ?? {}) as { lease?: { generation?: unknown } };
      if (isSuccess(reply)) return { id, generation: String(lease?.generation), reply };
      if (!isUnavailable(reply)) return undefined;
      await pause(RETRY_DELAY, signal);
    }
    return undefined;
  }

  /** Removes all of them with their tiles, at every URL: the URLs may not share a store. Returns the ids that remain. */
  async removeAll(): Promise<string[]> {
    const giveUpAt = performance.now() + REMOVAL_TIMEOUT;
    while (this.#ids.size > 0 && performance.now() < giveUpAt) {
      await Promise.all([...this.#ids].map((id) => this.#remove(id)));
      if (this.#ids.size > 0) await pause(RETRY_DELAY);
    }
    return [...this.#ids];
  }

  async #remove(id: string): Promise<void> {
    const replies = [];
    for (const url of this.#observations.urls)
      replies.push(await this.#send(url, `/compositors/${id}`, { method: 'DELETE' }));
    const isGone = (reply: HttpReply) => isSuccess(reply) || reply.status === 404;
    // At a URL without an answer, the removal at another one may have worked for both.
    if (replies.some(isGone) && replies.every((reply) => isGone(reply) || reply.status === 0))
      this.#ids.delete(id);
  }
}
