import { isObject } from '../../conformance/event-checks.ts';
import { printable } from '../printable.ts';
import { TimeLimit } from '../verify/time-limit.ts';
import { Trouble } from './trouble.ts';

/** What the API says of a compositor; a newer daemon may say more. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly protocol?: string;
  readonly address?: string;
  readonly port?: number;
  readonly [more: string]: unknown;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly answer: unknown;
  readonly error?: string;
  /** Seconds. */
  readonly took: number;
  readonly cursor: string | null;
}

/** Milliseconds: longer than the daemon ever takes, so that it is the daemon who says what went wrong. */
const CEILING = 15_000;
/** A command may take a minute by itself. */
const COMMAND_CEILING = 75_000;
const PAGE = 1000;

/** The daemon, asked once a question: whoever sits at the console decides about another try. Every failure is a {@link Trouble}. */
export class Daemon {
  readonly url: string;
  readonly token: string | undefined;

  constructor(options: { url: string; token?: string | undefined }) {
    this.url = options.url;
    this.token = options.token;
  }

  async health(signal: AbortSignal): Promise<Record<string, unknown>> {
    return this.#ask('GET', '/health', signal, { has: 'version' }) as Promise<Record<string, unknown>>;
  }

  async compositors(signal: AbortSignal): Promise<Entry[]> {
    const all: Entry[] = [];
    let after: string | null = '';
    while (after !== null) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
      const page = await this.#ask('GET', `/compositors?limit=${PAGE}${query}`, signal, { has: 'items' });
      const { items, next } = page as { items: Entry[]; next: string | null };
      all.push(...items);
      after = next;
    }
    return all;
  }

  async compositor(id: string, signal: AbortSignal): Promise<Entry> {
    return this.#ask('GET', pathOf(id), signal, { has: 'id' }) as Promise<Entry>;
  }

  async compositorHealth(id: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    return this.#ask('GET', `${pathOf(id)}/health`, signal, { has: 'state' }) as Promise<
      Record<string, unknown>
    >;
  }

  async register(
    body: object,
    signal: AbortSignal,
  ): Promise<{ compositor: Entry; lease?: { expiresAt: string } }> {
    return this.#ask('POST', '/compositors', signal, { body, has: 'compositor' }) as ReturnType<
      Daemon['register']
    >;
  }

  async change(id: string, body: object, signal: AbortSignal): Promise<{ compositor: Entry }> {
    return this.#ask('PATCH', pathOf(id), signal, { body, has: 'compositor' }) as Promise<{
      compositor: Entry;
    }>;
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask('DELETE', pathOf(id), signal);
  }

  async command(id: string, body: object, signal: AbortSignal): Promise<CommandResult> {
    return this.#ask('POST', `${pathOf(id)}/commands`, signal, {
      body,
      has: 'took',
    }) as Promise<CommandResult>;
  }

  /** `has`: a field without which the reply is not from a daemon of ours. */
  async #ask(
    method: string,
    path: string,
    signal: AbortSignal,
    { body, has }: { body?: object; has?: string } = {},
  ): Promise<unknown> {
    const limit = new TimeLimit(path.endsWith('/commands') ? COMMAND_CEILING : CEILING, signal);
    let status: number;
    let text: string;
    try {
      const response = await fetch(this.url + path, {
        method,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        },
        body: body ? JSON.stringify(body) : null,
        // A redirected write would arrive as a GET, and the token at somebody else.
        redirect: 'error',
        signal: limit.signal,
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      const why = limit.signal.aborted ? 'no answer in time' : reasonOf(error);
      throw new Trouble(`no daemon answers at ${printable(this.url)}: ${printable(why)}`);
    } finally {
      limit.clear();
    }
    const reply = parsed(text);
    if (status >= 300) throw new Trouble(problemText(status, reply));
    if (!isObject(reply) || (has !== undefined && !(has in reply)))
      throw new Trouble(`what answers at ${printable(this.url)} is no compositord`);
    return reply;
  }
}

/** What a problem says, on a line, and under it each wrong field if there are several. */
export function problemText(status: number, reply: unknown): string {
  const { type, title, detail, errors } = (reply ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string') return `the answer was HTTP status ${status}`;
  const what = typeof detail === 'string' ? detail : typeof title === 'string' ? title : `status ${status}`;
  const fields = Array.isArray(errors) && errors.length > 1 ? (errors as Record<string, unknown>[]) : [];
  return [
    `${type.split('/').at(-1)}: ${fields.length > 0 ? 'several fields are wrong' : what}`,
    ...fields.map(({ field, detail: wrong }) => `  ${String(field)}: ${String(wrong)}`),
  ]
    .map(printable)
    .join('\n');
}

function pathOf(id: string): string {
  return `/compositors/${encodeURIComponent(id)}`;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    // A proxy's page: its status says enough.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
}
