import { pause } from './pause.ts';
import { finalUnless, isLasting, problemIn, Refused, type ProblemDetails } from './refused.ts';
import { authorization, whyUnreachable, type RequestSettings } from './requests.ts';
import { isStill, tokenOf } from './token.ts';

/** Why a connection failed. When refused over HTTP, with all that the daemon says of it (RFC 9457). */
export interface PublishProblem extends Partial<Omit<ProblemDetails, 'status'>> {
  /**
   * The token's function failed; no answer; refused by the daemon; the connection was lost; no answer in time; another link of this
   * registration is open; another registration holds the id.
   */
  readonly kind: 'token' | 'unreachable' | 'refused' | 'cut' | 'silent' | 'replaced' | 'taken';
  readonly detail: string;
  /** The HTTP status, when refused over HTTP. */
  readonly status?: number | undefined;
  /** The compositor has stopped, and does not try again. */
  readonly final?: true;
}

/** What a page and Node 22 call `WebSocket`, as far as it is used here. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

export type MakeWebSocket = (url: string, protocols: string[]) => WebSocketLike;

export interface CompositorLinkSettings extends RequestSettings {
  readonly id: string;
  /** The body of the registration. */
  readonly registration: object;
  readonly makeWebSocket: MakeWebSocket;
  /** Milliseconds without an answer after which a connection counts as dead. */
  readonly watchdog: number;
  /** The longest pause between two attempts, in milliseconds. */
  readonly maxRetry: number;
}

export interface CompositorLinkListener {
  /** The last commit that is known here. */
  cursor(): string | undefined;
  /** The id is registered. `how`: for the first time; again, because the daemon had forgotten it; or it still was. */
  registered(how: 'first' | 'again' | 'still', reply: RegisteredReply): void;
  opened(): void;
  received(message: Readonly<Record<string, unknown>>): void;
  /** The connection ended, or none could be opened. */
  lost(problem: PublishProblem | undefined, failures: number): void;
}

export interface RegisteredReply {
  readonly cursor: string;
  readonly lease: { readonly generation: string; readonly ttl: number };
  /** Of a registration: the id is new. */
  readonly created?: boolean;
  /** Of a renewal: the daemon has lost what it had acknowledged. */
  readonly republish?: boolean;
}

/** Reconnect delay, in milliseconds. */
const RETRY = 1000;
const TAKEN = 4409;
const FORGOTTEN = 4404;
const REPLACED = 4001;

/** The registration of one compositor and its link to the daemon, opened again until it is closed. */
export class CompositorLink {
  readonly #settings: CompositorLinkSettings;
  readonly #listener: CompositorLinkListener;
  generation: string | undefined;
  #wasRegistered = false;
  #socket: WebSocketLike | undefined;
  #closed = false;
  /** What the last request was sent with. */
  #token: string | undefined;
  /** Ends the current connection, or the pause before the next. */
  #interrupt: () => void = () => undefined;

  constructor(settings: CompositorLinkSettings, listener: CompositorLinkListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  async open(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      const life = { healthy: false };
      const problem = await this.#connect(() => (life.healthy = true));
      if (this.#isClosed()) return;
      failures = life.healthy ? 0 : failures + 1;
      this.#closed = problem?.final ?? false;
      this.#listener.lost(problem, failures);
      if (this.#isClosed()) return;
      await this.#wait(failures);
      // A token that was refused is not sent again.
      while (isLasting(problem) && (await this.#hasSameToken())) await this.#wait((failures += 1));
    }
  }

  close(): void {
    this.#closed = true;
    this.#interrupt();
  }

  /** Ends the connection because no answer came. */
  cut(): void {
    this.#interrupt();
  }

  /** Bytes that have not left yet; Infinity while there is no link. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? Infinity;
  }

  /** False: there is no link now. */
  send(message: object): boolean {
    this.#socket?.send(JSON.stringify(message));
    return this.#socket !== undefined;
  }

  /** One request for this compositor. Throws a {@link Refused} when the daemon refuses it, anything else when it does not answer. */
  async request(method: string, path: string, body?: object): Promise<RegisteredReply> {
    const { url, id, fetch, watchdog, token } = this.#settings;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), watchdog);
    try {
      this.#token = await tokenOf(token, abort.signal).catch((error: unknown) => {
        throw new TokenError(messageOf(error));
      });
      const response = await fetch(`${url}compositors/${encodeURIComponent(id)}${path}`, {
        method,
        // A page that goes still takes its leave.
        keepalive: method === 'DELETE',
        redirect: 'error',
        signal: abort.signal,
        headers: {
          Accept: 'application/json',
          ...(body && { 'Content-Type': 'application/json' }),
          ...authorization(this.#token),
          ...(this.generation !== undefined && { 'Lease-Generation': this.generation }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Refused(problemIn(response.status, response.statusText, text));
      return JSON.parse(text) as RegisteredReply;
    } finally {
      clearTimeout(timer);
    }
  }

  #wait(failures: number): Promise<void> {
    const { over, end } = pause(Math.random() * Math.min(this.#settings.maxRetry, RETRY * 2 ** failures));
    this.#interrupt = end;
    return over;
  }

  async #hasSameToken(): Promise<boolean> {
    if (this.#closed) return false;
    const stop = new AbortController();
    this.#interrupt = () => stop.abort();
    const { token = null, watchdog } = this.#settings;
    return (await isStill(this.#token, token, stop, watchdog)) && !this.#isClosed();
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  /** Registers, opens the link, and resolves when it has ended. Never throws. */
  async #connect(isHealthy: () => void): Promise<PublishProblem | undefined> {
    try {
      await this.#register();
    } catch (error) {
      return this.#problemOf(error);
    }
    if (this.#closed) return undefined;
    return this.#talk(isHealthy);
  }

  /** Registers, or renews a registration that this link has made. */
  async #register(): Promise<void> {
    const { registration } = this.#settings;
    if (this.generation !== undefined)
      try {
        const cursor = this.#listener.cursor();
        const reply = await this.request('PUT', '/lease', cursor === undefined ? {} : { cursor });
        return this.#listener.registered('still', reply);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404) throw error;
        this.generation = undefined;
      }
    const reply = await this.request('PUT', '', registration);
    this.generation = reply.lease.generation;
    const isFirst = !this.#wasRegistered;
    this.#wasRegistered = true;
    // An earlier run of this compositor may have left tiles.
    if (isFirst && !reply.created) await this.request('PUT', '/tiles', {});
    this.#listener.registered(isFirst ? 'first' : 'again', reply);
  }

  async #problemOf(error: unknown): Promise<PublishProblem> {
    if (error instanceof TokenError) return { kind: 'token', detail: error.message };
    if (error instanceof Refused) {
      const { status, type, title, detail, code, errors } = error;
      const problem = { status, type, title, detail, code, errors };
      if (code === 'lease-lost') return { kind: 'taken', ...problem, final: true };
      return { kind: 'refused', ...finalUnless(this.#settings.token, problem) };
    }
    return { kind: 'unreachable', detail: await whyUnreachable(this.#settings, error) };
  }

  #talk(isHealthy: () => void): Promise<PublishProblem | undefined> {
    const { url, id, makeWebSocket, watchdog } = this.#settings;
    const query = new URLSearchParams({ generation: this.generation! });
    const address = `${url.replace(/^http/, 'ws')}compositors/${encodeURIComponent(id)}/link?${query.toString()}`;
    const protocols = ['compositord.link'];
    if (this.#token !== undefined) protocols.push(`compositord.bearer.${base64url(this.#token)}`);
    return new Promise((resolve) => {
      let socket: WebSocketLike;
      try {
        socket = makeWebSocket(address, protocols);
      } catch (error) {
        return resolve({ kind: 'unreachable', detail: String(error) });
      }
      let opened = false;
      const end = (problem?: PublishProblem) => {
        clearTimeout(late);
        if (this.#socket === socket) this.#socket = undefined;
        resolve(problem);
      };
      const cut = () => {
        end({ kind: opened ? 'silent' : 'unreachable', detail: 'no answer in time' });
        socket.close();
      };
      const late = setTimeout(cut, watchdog);
      this.#interrupt = cut;
      socket.onopen = () => {
        clearTimeout(late);
        opened = true;
        this.#socket = socket;
        this.#listener.opened();
      };
      socket.onmessage = ({ data }) => {
        isHealthy();
        const message = parse(data);
        if (message && this.#socket === socket) this.#listener.received(message);
      };
      // `close` follows.
      socket.onerror = () => undefined;
      socket.onclose = ({ code, reason }) => {
        if (code === FORGOTTEN) this.generation = undefined;
        end(problemOfEnd(opened, code, reason));
      };
    });
  }
}

/** The function that should give a token failed. */
class TokenError extends Error {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function problemOfEnd(opened: boolean, code: number, reason: string): PublishProblem | undefined {
  const detail = `the link ended: ${code} ${reason}`.trim();
  if (code === TAKEN) return { kind: 'taken', detail, final: true };
  if (code === REPLACED) return { kind: 'replaced', detail };
  if (code === 1001 || code === FORGOTTEN) return undefined;
  return { kind: opened ? 'cut' : 'unreachable', detail };
}

function parse(data: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    const message = JSON.parse(String(data)) as unknown;
    return typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function base64url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
