import { setTimeout as sleep } from 'node:timers/promises';

export interface DaemonRequest {
  readonly method: 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** JSON, already encoded. */
  readonly body?: string;
  /** Fences the write: it is refused when another registration holds the id. */
  readonly generation?: string;
}

export interface DaemonReply {
  readonly status: number;
  readonly body: unknown;
}

/** The daemon understood, and said no. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The daemon could not be reached, or could not do it, for longer than the client's patience. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** A proxy's and the daemon's own ways of saying "later". */
const LATER = new Set([429, 502, 503, 504]);
const REQUEST_TIMEOUT = 10_000;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** Writes to a daemon, again and again until it has answered: a repeated write is one commit. */
export class DaemonClient {
  readonly #url: string;
  readonly #signal: AbortSignal;
  readonly #patience: number;
  readonly #token: string | undefined;
  readonly #onWait: (reason: string) => void;

  /** `patience`: seconds for which one request is tried again. `onWait` is told why, once a request. */
  constructor(options: {
    url: string;
    signal: AbortSignal;
    patience?: number;
    token?: string | undefined;
    onWait?: (reason: string) => void;
  }) {
    this.#url = options.url.replace(/\/+$/, '');
    this.#signal = options.signal;
    this.#patience = (options.patience ?? 60) * 1000;
    this.#token = options.token;
    this.#onWait = options.onWait ?? (() => undefined);
  }

  /** Throws {@link Refused}, {@link Unreachable}, and the signal's reason when that ends the wait. */
  async send(request: DaemonRequest): Promise<DaemonReply> {
    const giveUpAt = performance.now() + this.#patience;
    for (let wait = FIRST_WAIT, told = false; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const outcome = await this.#try(request);
      if ('reply' in outcome) return outcome.reply;
      // Half of it by chance: 24 compositors that failed together do not come back together.
      const delay = Math.max(outcome.retryAfter * 1000, wait * (0.5 + Math.random() / 2));
      if (performance.now() + delay > giveUpAt)
        throw new Unreachable(`${request.method} ${this.#url}${request.path}: ${outcome.trouble}`);
      if (!told) this.#onWait(outcome.trouble);
      told = true;
      await sleep(delay, undefined, { signal: this.#signal });
    }
  }

  async #try(
    request: DaemonRequest,
  ): Promise<{ reply: DaemonReply } | { trouble: string; retryAfter: number }> {
    let status: number;
    let text: string;
    let retryAfter: number;
    try {
      const response = await fetch(this.#url + request.path, {
        method: request.method,
        headers: {
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
          ...(request.generation !== undefined && { 'lease-generation': request.generation }),
        },
        body: request.body ?? null,
        // A redirected write would arrive as a GET.
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_TIMEOUT),
      });
      status = response.status;
      retryAfter = Number(response.headers.get('retry-after') ?? 0) || 0;
      text = await response.text();
    } catch (error) {
      return { trouble: reasonOf(error), retryAfter: 0 };
    }
    const body = parsed(text);
    if (status < 300) return { reply: { status, body } };
    const { type, detail } = (body ?? {}) as { type?: string; detail?: string };
    const said = [status, type?.split('/').at(-1), detail].filter(Boolean).join(' ');
    if (LATER.has(status)) return { trouble: said, retryAfter };
    throw new Refused(status, `${request.method} ${request.path} was answered ${said}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page: its status says enough.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
}
