import { ApiError, type Api } from '../page/api.ts';

/** A command of `GET /compositors/{id}/commands`. */
export interface KnownCommand {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** The parameters that its path needs. */
  readonly params: readonly string[];
}

export interface CommandList {
  readonly commands: readonly KnownCommand[];
  /** Any other command is sent as it comes. */
  readonly others: boolean;
}

/** What a compositor answered, or why it did not. */
export type Outcome =
  | { readonly kind: 'done'; readonly answer: unknown; readonly took: number }
  | { readonly kind: 'failed'; readonly problem: string; readonly answer?: unknown }
  /** The daemon wants a token, or another one. */
  | { readonly kind: 'denied'; readonly problem: string };

interface Result {
  readonly ok: boolean;
  readonly answer: unknown;
  readonly error?: string;
  readonly took: number;
}

/** Runs commands. A token that somebody gave for it is kept until the page is closed, and nowhere but here. */
export class CommandRunner {
  readonly #api: Api;
  #token: string | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  list(id: string): Promise<CommandList> {
    return this.#api.get<CommandList>(`/compositors/${id}/commands`);
  }

  set token(token: string) {
    this.#token = token;
  }

  async run(id: string, command: string, params: unknown): Promise<Outcome> {
    try {
      const body = { command, ...(params !== undefined && { params }) };
      const result = await this.#api.post<Result>(`/compositors/${id}/commands`, body, this.#token);
      const { ok, answer, took, error = 'without a reason' } = result;
      return ok ? { kind: 'done', answer, took } : { kind: 'failed', problem: `It failed: ${error}`, answer };
    } catch (error) {
      return this.#outcomeOf(error);
    }
  }

  #outcomeOf(error: unknown): Outcome {
    if (!(error instanceof ApiError)) return { kind: 'failed', problem: 'The daemon does not answer.' };
    const { status, message } = error;
    if (status !== 401 && status !== 403) return { kind: 'failed', problem: message };
    const hadToken = this.#token !== undefined;
    this.#token = undefined;
    if (!hadToken) return { kind: 'denied', problem: 'Commands need a token with the scope command.' };
    if (status === 401) return { kind: 'denied', problem: 'The daemon does not take this token.' };
    return { kind: 'denied', problem: `This token may not: ${message}.` };
  }
}
