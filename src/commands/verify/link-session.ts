import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { SystemClock } from '../../adapters/system-clock.ts';
import { withTimeout } from '../../concurrency/timeout.ts';
import { parseJson } from '../../domain/json.ts';
import { codeOf, type HttpReply } from '../http-client.ts';
import type { Registered } from './test-compositors.ts';

/** Milliseconds. */
const OPEN_LIMIT = 5000;
const REPLY_LIMIT = 10_000;

interface Reply {
  readonly ok: boolean;
  readonly body?: unknown;
  readonly problem?: { readonly type?: unknown; readonly status?: number };
}

/** What an attempt to open a link came to. */
export interface Opening extends Pick<HttpReply, 'status' | 'code'> {
  /** Undefined: it was rejected, with that status; 0: there was no answer. */
  readonly session: LinkSession | undefined;
}

/** The link of one of verify's compositors, as the compositor has it: requests, and an answer to each command. */
export class LinkSession {
  readonly url: string;
  readonly openedAt = performance.now();
  /** Resolves to the code with which the link was closed. */
  readonly ended: Promise<number>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply | undefined) => void>();
  #requests = 0;

  /** Opens the link of `registered` at `url`. Never throws. */
  static open(url: string, { id, generation }: Registered, token: string | undefined): Promise<Opening> {
    const headers = {
      'lease-generation': generation,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const address = `${url.replace(/^http/, 'ws')}/compositors/${id}/link`;
    const socket = new WebSocket(address, { headers, handshakeTimeout: OPEN_LIMIT });
    return new Promise((resolve) => {
      // It also says that a rejected or cut socket failed.
      socket.on('error', () => resolve({ session: undefined, status: 0, code: undefined }));
      socket.once('open', () =>
        resolve({ session: new LinkSession(url, socket), status: 101, code: undefined }),
      );
      socket.once('unexpected-response', (request, response: IncomingMessage) => {
        void bodyOf(response).then((text) => {
          resolve({ session: undefined, status: response.statusCode ?? 0, code: codeOf(parseJson(text)) });
          request.destroy();
        });
      });
    });
  }

  private constructor(url: string, socket: WebSocket) {
    this.url = url;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#heard(parseJson(data.toString())));
    this.ended = new Promise((resolve) => {
      socket.once('close', (code) => {
        for (const answer of this.#waiting.values()) answer(undefined);
        resolve(code);
      });
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends a request, and returns the answer in the form of one over HTTP. Never throws. */
  async request(message: Readonly<Record<string, unknown>>): Promise<HttpReply> {
    const id = ++this.#requests;
    const sentAt = performance.now();
    const answer = new Promise<Reply | undefined>((resolve) => {
      this.#waiting.set(id, resolve);
      if (this.isOpen) this.#socket.send(JSON.stringify({ ...message, id }));
      else resolve(undefined);
    });
    const late = () => new Error('no answer in time');
    const reply = await withTimeout(new SystemClock(), REPLY_LIMIT, answer, late).catch(() => undefined);
    this.#waiting.delete(id);
    const { ok = false, body, problem } = reply ?? {};
    return {
      status: ok ? 200 : (problem?.status ?? 0),
      headers: new Headers(),
      body: ok ? body : problem,
      code: codeOf(problem),
      sentAt,
      ms: performance.now() - sentAt,
      error: reply ? '' : 'no answer over the link',
    };
  }

  close(): void {
    this.#socket.close();
  }

  #heard(message: unknown): void {
    const { type, id, params, ...reply } = (message ?? {}) as Record<string, unknown>;
    if (type === 'reply') this.#waiting.get(id as number)?.(reply as unknown as Reply);
    if (type === 'command')
      this.#socket.send(JSON.stringify({ type: 'reply', id, ok: true, body: { params } }));
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  } catch {
    // What came says enough.
  }
  return text;
}
