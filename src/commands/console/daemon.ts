import type { Static } from '@sinclair/typebox';
import { isObject } from '../../domain/json.ts';
import type { CommandResultSchema } from '../../routes/schemas/command.ts';
import type { ClientOptions } from '../client-options.ts';
import { CommandError } from '../command.ts';
import { sendRequest, type HttpRequest } from '../http-client.ts';
import { printable } from '../printable.ts';

/** A compositor in the API's replies; a newer daemon may send more fields. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly protocol?: string;
  readonly address?: string;
  readonly port?: number;
  readonly [more: string]: unknown;
}

/** What came of starting or stopping one compositor. */
export interface StartStopItem {
  readonly id: string;
  readonly ok: boolean;
  readonly status?: string;
  readonly problem?: unknown;
}

/** Milliseconds: longer than the daemon takes for any request, so that its own error is seen. */
const TIMEOUT = 15_000;
/** A command may take a minute, and so may a thousand compositors. */
const LONG_TIMEOUT = 75_000;
const PAGE = 1000;

/** The daemon's API for the console. Requests are not retried: the user decides that. Every failure is a {@link CommandError}. */
export class Daemon {
  readonly url: string;
  readonly token: string | undefined;

  constructor({ url, token }: ClientOptions) {
    this.url = url;
    this.token = token;
  }

  health(signal: AbortSignal): Promise<Record<string, unknown>> {
    return this.#send('/health', 'version', { signal });
  }

  async compositors(signal: AbortSignal): Promise<Entry[]> {
    const all: Entry[] = [];
    let after: string | null = '';
    while (after !== null) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
      const path = `/compositors?limit=${PAGE}${query}`;
      const page: { items: Entry[]; next: string | null } = await this.#send(path, 'items', { signal });
      all.push(...page.items);
      after = page.next;
    }
    return all;
  }

  compositor(id: string, signal: AbortSignal): Promise<Entry> {
    return this.#send(pathOf(id), 'id', { signal });
  }

  compositorHealth(id: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    return this.#send(`${pathOf(id)}/health`, 'state', { signal });
  }

  register(body: object, signal: AbortSignal): Promise<{ compositor: Entry; lease?: { expiresAt: string } }> {
    return this.#send('/compositors', 'compositor', { method: 'POST', body, signal });
  }

  change(id: string, body: object, signal: AbortSignal): Promise<{ compositor: Entry }> {
    return this.#send(pathOf(id), 'compositor', { method: 'PATCH', body, signal });
  }

  remove(id: string, signal: AbortSignal): Promise<unknown> {
    return this.#send(pathOf(id), undefined, { method: 'DELETE', signal });
  }

  command(id: string, body: object, signal: AbortSignal): Promise<Static<typeof CommandResultSchema>> {
    const request = { method: 'POST', body, timeout: LONG_TIMEOUT, signal };
    return this.#send(`${pathOf(id)}/commands`, 'took', request);
  }

  /** The names of the commands that are known of it. */
  async commands(id: string, signal: AbortSignal): Promise<string[]> {
    const { commands } = await this.#send<{ commands: { name: string }[] }>(
      `${pathOf(id)}/commands`,
      'commands',
      { signal },
    );
    return commands.map(({ name }) => name);
  }

  /** Starts or stops every compositor, in steps; yields what came of each. */
  async *startOrStopAll(how: 'start' | 'stop', signal: AbortSignal): AsyncGenerator<StartStopItem> {
    let after: string | null = '';
    while (after !== null) {
      const body: object = after === '' ? {} : { after };
      const request = { method: 'POST', body, timeout: LONG_TIMEOUT, signal };
      const page: { items: StartStopItem[]; next: string | null } = await this.#send(
        `/compositors/${how}`,
        'items',
        request,
      );
      yield* page.items;
      after = page.next;
    }
  }

  /** `field`: a field without which the reply is not from a compositord. */
  async #send<T>(path: string, field: string | undefined, request: HttpRequest): Promise<T> {
    const { status, body, error } = await sendRequest(this.url + path, {
      timeout: TIMEOUT,
      token: this.token,
      ...request,
    });
    if (status === 0)
      throw new CommandError(`no daemon answers at ${printable(this.url)}: ${printable(error)}`);
    if (status >= 300) throw new CommandError(problemText(status, body));
    if (field !== undefined && !(isObject(body) && field in body))
      throw new CommandError(`what answers at ${printable(this.url)} is no compositord`);
    return body as T;
  }
}

/** A problem in one line, and below it each wrong field if there are several. */
export function problemText(status: number, body: unknown): string {
  const { type, title, detail, errors } = isObject(body) ? body : {};
  if (typeof type !== 'string') return `the answer was HTTP status ${status}`;
  const text = [detail, title].find((one) => typeof one === 'string') ?? `status ${status}`;
  const wrong = Array.isArray(errors) && errors.length > 1 ? (errors as Record<string, unknown>[]) : [];
  return [
    `${type.split('/').at(-1)}: ${wrong.length > 0 ? 'several fields are wrong' : text}`,
    ...wrong.map((error) => `  ${String(error['field'])}: ${String(error['detail'])}`),
  ]
    .map(printable)
    .join('\n');
}

function pathOf(id: string): string {
  return `/compositors/${encodeURIComponent(id)}`;
}
