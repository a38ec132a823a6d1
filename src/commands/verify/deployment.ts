import { TimeLimit } from './time-limit.ts';

/** What one request came to. */
export interface Answer {
  /** 0: nobody answered. */
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when it is none. */
  readonly body: unknown;
  /** Of a problem: the last part of its type. */
  readonly code: string | undefined;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  readonly ms: number;
  /** Why there is none. */
  readonly trouble: string;
}

export interface Question {
  readonly method?: string;
  /** JSON is made of it, unless it is text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Above the longest that a request may take by the promise, so that a late answer is seen to be late. */
const CEILING = 10_000;

/** Sent with every question of this process, which verifies one deployment: who asks. */
const credentials: Record<string, string> = {};

/** From now on, asks with this token. */
export function askWithToken(token: string | undefined): void {
  delete credentials['authorization'];
  if (token !== undefined) credentials['authorization'] = `Bearer ${token}`;
}

/** The headers that tell who asks. */
export function whoAsks(): Readonly<Record<string, string>> {
  return { ...credentials };
}

/** Asks one URL of a deployment; a failure is an answer, too. Never throws. */
export async function ask(url: string, path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', body, headers = {}, signal } = question;
  const sentAt = performance.now();
  const limit = new TimeLimit(CEILING, signal);
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...credentials,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
      signal: limit.signal,
    });
    const text = await response.text();
    const json = parsed(text);
    return {
      status: response.status,
      headers: response.headers,
      body: json,
      code: codeOf(json),
      sentAt,
      ms: performance.now() - sentAt,
      trouble: '',
    };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    return {
      status: 0,
      headers: new Headers(),
      body: undefined,
      code: undefined,
      sentAt,
      ms: performance.now() - sentAt,
      trouble: cause?.code ?? cause?.message ?? message,
    };
  } finally {
    limit.clear();
  }
}

export function isOk({ status }: Pick<Answer, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/** Nobody answered, or a proxy's and the daemon's own ways of saying "later". */
export function isAway({ status }: Pick<Answer, 'status'>): boolean {
  return [0, 429, 502, 503, 504].includes(status);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page: its status says enough.
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  const type = (body as { type?: unknown } | undefined | null)?.type;
  return typeof type === 'string' ? type.split('/').at(-1) : undefined;
}
