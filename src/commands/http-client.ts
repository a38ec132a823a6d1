import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../adapters/system-clock.ts';
import { withDeadline } from '../concurrency/timeout.ts';
import { parseJson } from '../domain/json.ts';
import { CommandError } from './command.ts';
import { printable } from './printable.ts';

export interface HttpRequest {
  readonly method?: string;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | undefined;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  /** 0: there was no answer. */
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when the body is not JSON. */
  readonly body: unknown;
  /** The last part of a problem's type. */
  readonly code: string | undefined;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  readonly ms: number;
  /** Why there was no answer. */
  readonly error: string;
}

/** Longer than the daemon takes for any request, so that its own error is seen. */
const TIMEOUT = 10_000;

/** Sends one request. Never throws: without an answer, the reply has the status 0 and an error. */
export function sendRequest(url: string, request: HttpRequest = {}): Promise<HttpReply> {
  const { timeout = TIMEOUT, signal } = request;
  const send = (deadline: AbortSignal) => replyTo(url, request, deadline);
  return withDeadline(new SystemClock(), timeout, send, ...(signal ? [signal] : []));
}

async function replyTo(url: string, request: HttpRequest, deadline: AbortSignal): Promise<HttpReply> {
  const { method = 'GET', body, token } = request;
  const sentAt = performance.now();
  const ended = () => ({ sentAt, ms: performance.now() - sentAt });
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      // Followed, a redirected write would arrive as a GET, and the token would go to another server.
      redirect: 'manual',
      signal: deadline,
    });
    // Undefined for the page of a proxy and for an empty body: the status says enough.
    const json = parseJson(await response.text());
    const { status, headers } = response;
    return { status, headers, body: json, code: codeOf(json), error: '', ...ended() };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    const reason = deadline.aborted ? 'no answer in time' : (cause?.code ?? cause?.message ?? message);
    return { status: 0, headers: new Headers(), body: undefined, code: undefined, error: reason, ...ended() };
  }
}

export function isSuccess({ status }: Pick<HttpReply, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/** No answer, or a status with which a proxy or the daemon asks to try again later. */
export function isUnavailable({ status }: Pick<HttpReply, 'status'>): boolean {
  return [0, 429, 502, 503, 504].includes(status);
}

/** The daemon answered, and rejected the request. */
export class RequestRejected extends CommandError {
  override name = 'RequestRejected';
  readonly reply: HttpReply;

  constructor(reply: HttpReply, message: string) {
    super(message);
    this.reply = reply;
  }

  get status(): number {
    return this.reply.status;
  }
}

const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

interface RetryingClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Ends the wait for the next attempt. */
  readonly signal: AbortSignal;
  /** Seconds for which one request is retried. */
  readonly giveUpAfter?: number;
  /** Called once per request, with the reason. */
  readonly onRetry?: (reason: string) => void;
}

/** Sends requests to a daemon, again and again until it answers: a repeated write is one commit. */
export class RetryingClient {
  readonly #options: RetryingClientOptions;

  constructor(options: RetryingClientOptions) {
    this.#options = options;
  }

  /** Throws {@link RequestRejected}, a {@link CommandError} when it gives up, and the signal's reason when that aborts the wait. */
  async send(path: string, request: HttpRequest & { method: string }): Promise<HttpReply> {
    const { url, token, signal, giveUpAfter = 60, onRetry } = this.#options;
    const giveUpAt = performance.now() + giveUpAfter * 1000;
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const reply = await sendRequest(url + path, { token, ...request });
      if (isSuccess(reply)) return reply;
      const { detail } = (reply.body ?? {}) as { detail?: string };
      const answer = printable([reply.status || reply.error, reply.code, detail].filter(Boolean).join(' '));
      if (!isUnavailable(reply))
        throw new RequestRejected(reply, `${request.method} ${path} was answered ${answer}`);
      const retryAfter = Number(reply.headers.get('retry-after') ?? 0) || 0;
      // Half of it is random: compositors that failed together must not come back together.
      const delay = Math.max(retryAfter * 1000, wait * (0.5 + Math.random() / 2));
      if (performance.now() + delay > giveUpAt)
        throw new CommandError(`${request.method} ${url}${path}: ${answer}`);
      if (wait === FIRST_WAIT) onRetry?.(answer);
      await sleep(delay, undefined, { signal });
    }
  }
}

/** Waits `ms`. Resolves to false when `signal` ended the wait early. */
export async function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  return sleep(ms, true, signal && { signal }).catch(() => false);
}

/** The last part of a problem's type; undefined when the body is no problem. */
export function codeOf(body: unknown): string | undefined {
  const type = (body as { type?: unknown } | undefined | null)?.type;
  return typeof type === 'string' ? type.split('/').at(-1) : undefined;
}
