import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, isAway, isOk, type Answer, type Question } from './deployment.ts';
import type { Evidence } from './evidence.ts';

/** Seconds: what is left behind by a verify that was killed goes stale after that. */
export const TTL = 30;
/** Milliseconds for which cleaning up tries again. */
const CLEANING = 8_000;
const WAIT = 150;

export interface Joined {
  readonly id: string;
  readonly generation: string;
  readonly answer: Answer;
}

/** The throw-away compositors of one run: whoever joins is taken away at the end, whatever came of it. */
export class Crew {
  readonly run = randomBytes(4).toString('hex');
  readonly #urls: readonly string[];
  readonly #evidence: Evidence;
  readonly #ids = new Set<string>();
  #turn = 0;

  constructor(options: { urls: readonly string[]; evidence: Evidence }) {
    this.#urls = options.urls;
    this.#evidence = options.evidence;
  }

  id(role: string): string {
    return `verify-${this.run}-${role}`;
  }

  /** One URL after the other. */
  nextUrl(): string {
    return this.#urls[this.#turn++ % this.#urls.length]!;
  }

  /** One write, taken down with how long it took. */
  async write(url: string, what: string, path: string, question: Question): Promise<Answer> {
    const answer = await ask(url, path, question);
    const { status, code, sentAt, ms } = answer;
    this.#evidence.answers.push({ url, what, status, code, sentAt, ms });
    return answer;
  }

  /** Registers `id`, again while nobody can; undefined when `signal` ended that, or it was refused. */
  async join(options: { id: string; url?: string; ttl?: number; instance?: string; signal: AbortSignal }) {
    const { id, url, ttl = TTL, instance = 'verify', signal } = options;
    this.#ids.add(id);
    const body = { name: 'compositord verify', ttl, instance, labels: { verify: this.run } };
    while (!signal.aborted) {
      const at = url ?? this.nextUrl();
      const answer = await this.write(at, `registration of ${id}`, `/compositors/${id}`, {
        method: 'PUT',
        body,
      });
      const { lease } = (answer.body ?? {}) as { lease?: { generation?: unknown } };
      if (isOk(answer)) return { id, generation: String(lease?.generation), answer } satisfies Joined;
      if (!isAway(answer)) return undefined;
      await rest(WAIT, signal);
    }
    return undefined;
  }

  /** Takes all of them away with their tiles, at every URL: they may share no store. The ids of those that could not be. */
  async leave(): Promise<string[]> {
    const giveUpAt = performance.now() + CLEANING;
    while (this.#ids.size > 0 && performance.now() < giveUpAt) {
      await Promise.all([...this.#ids].map((id) => this.#takeAway(id)));
      if (this.#ids.size > 0) await sleep(WAIT);
    }
    return [...this.#ids];
  }

  async #takeAway(id: string): Promise<void> {
    const answers = [];
    for (const url of this.#urls) answers.push(await ask(url, `/compositors/${id}`, { method: 'DELETE' }));
    const isGone = (answer: Answer) => isOk(answer) || answer.status === 404;
    // Where nobody answers, another one may have done it for both.
    if (answers.some(isGone) && answers.every((answer) => isGone(answer) || answer.status === 0))
      this.#ids.delete(id);
  }
}

/** Waits; at once when `signal` ends it. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
