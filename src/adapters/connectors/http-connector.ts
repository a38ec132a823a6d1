import { Client, type Dispatcher } from 'undici';
import type { Clock } from '../../domain/clock.ts';
import {
  ANSWER_LIMIT,
  ConnectorError,
  INFO_LIMIT,
  type Command,
  type Connector,
  type Probe,
  type Target,
} from '../../domain/connector.ts';
import { isObject, parseBounded } from './bounded-json.ts';
import { guardedConnect } from './guarded-connect.ts';
import type { Guard } from './guard.ts';
import { originOf } from './origin.ts';
import { readBody } from './read-body.ts';
import { connectorErrorOf } from './connector-errors.ts';

export interface HttpConnectorOptions {
  readonly target: Target;
  readonly guard: Guard;
  readonly clock: Clock;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
}

/** Where a compositor may tell about itself; the first that answers is asked from then on. */
const INFO_PATHS = ['/api/status', '/info'];
/** It is asked at every so many probes. */
const INFO_EVERY = 6;
/** Milliseconds that reading it may take: to say nothing of oneself is no reason to be called unwell. */
const INFO_PATIENCE = 2000;
/** Milliseconds for which the connection of probes is kept: longer than from one probe to the next. */
const KEEP_PROBES = 60_000;
/** The head of an answer, in bytes. */
const HEAD = 16 * 1024;
/** How a connection that the peer had just closed shows itself: the probe was never heard. */
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

type Info = Readonly<Record<string, unknown>>;

/** `GET /health` and `POST /commands`, over one kept connection each. */
export class HttpConnector implements Connector {
  readonly #options: HttpConnectorOptions;
  #probes: Client | undefined;
  #commands: Client | undefined;
  #untilInfo = INFO_EVERY;
  #infoPath: string | undefined;
  #info: Info | undefined;

  constructor(options: HttpConnectorOptions) {
    this.#options = options;
  }

  async connect(signal: AbortSignal): Promise<void> {
    this.#probes = this.#client(KEEP_PROBES);
    // Kept for as short as undici does by itself: a command that is lost with an old connection cannot be sent again.
    this.#commands = this.#client();
    await this.#health(signal);
    await this.#readInfo(signal);
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const latencyMs = await this.#health(signal);
    this.#untilInfo -= 1;
    if (this.#untilInfo === 0) {
      this.#untilInfo = INFO_EVERY;
      await this.#readInfo(signal);
    }
    return { latencyMs, ...(this.#info && { info: this.#info }) };
  }

  async send(command: Command, signal: AbortSignal): Promise<unknown> {
    try {
      const reply = await openOf(this.#commands).request({
        method: 'POST',
        path: '/commands',
        headers: { ...HEADERS, 'content-type': 'application/json' },
        body: JSON.stringify(command),
        signal,
      });
      const text = await readBody(reply.body, ANSWER_LIMIT);
      return answerOf(reply, text);
    } catch (error) {
      throw connectorErrorOf(error, signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#probes?.destroy(), this.#commands?.destroy()]);
  }

  #client(keepAliveTimeout?: number): Client {
    const { target, guard, ca } = this.#options;
    return new Client(originOf(target), {
      connect: guardedConnect(guard, ca),
      maxHeaderSize: HEAD,
      // The signal of each call is its limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(keepAliveTimeout !== undefined && { keepAliveTimeout }),
    });
  }

  /** Milliseconds that a healthy answer took. */
  async #health(signal: AbortSignal): Promise<number> {
    const asked = this.#options.clock.monotonic();
    const { status } = await this.#get('/health', ANSWER_LIMIT, signal);
    if (status >= 300 && status < 400)
      throw new ConnectorError('bad-answer', `GET /health answered ${status}: redirects are not followed`);
    if (status < 200 || status >= 300) throw new ConnectorError('failed', `GET /health answered ${status}`);
    return this.#options.clock.monotonic() - asked;
  }

  /** What cannot be had or understood is no reason to call it unwell: what is known of it stays. */
  async #readInfo(caller: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const cancel = this.#options.clock.after(INFO_PATIENCE, () => limit.abort());
    await this.#askInfo(AbortSignal.any([caller, limit.signal]));
    cancel();
  }

  async #askInfo(signal: AbortSignal): Promise<void> {
    const paths = this.#infoPath === undefined ? INFO_PATHS : [this.#infoPath];
    for (const path of paths) {
      try {
        const { status, text } = await this.#get(path, INFO_LIMIT, signal);
        if (status < 200 || status >= 300) continue;
        const info = parseBounded(text, 'its information');
        if (!isObject(info)) continue;
        this.#info = info;
        this.#infoPath = path;
        return;
      } catch {
        if (signal.aborted) return;
      }
    }
    this.#infoPath = undefined;
  }

  async #get(
    path: string,
    limit: number,
    signal: AbortSignal,
    again = true,
  ): Promise<{ status: number; text: string }> {
    try {
      const reply = await openOf(this.#probes).request({ method: 'GET', path, headers: HEADERS, signal });
      return { status: reply.statusCode, text: await readBody(reply.body, limit) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (again && !signal.aborted && code !== undefined && CLOSED.has(code))
        return this.#get(path, limit, signal, false);
      throw connectorErrorOf(error, signal);
    }
  }
}

/** Unpacked, a small answer may be a large one. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'compositord' };

function openOf(client: Client | undefined): Client {
  if (!client) throw new ConnectorError('unreachable', 'it is not connected');
  return client;
}

function answerOf({ statusCode, headers }: Dispatcher.ResponseData, text: string): unknown {
  const said = `POST /commands answered ${statusCode}`;
  if (statusCode >= 300 && statusCode < 400)
    throw new ConnectorError('bad-answer', `${said}: redirects are not followed`);
  if (statusCode >= 200 && statusCode < 300) {
    if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
      throw new ConnectorError('bad-answer', 'its answer is compressed, which nobody asked for');
    return text === '' ? null : parseBounded(text, 'its answer');
  }
  throw new ConnectorError('failed', said, { answer: anyJson(text) });
}

/** An error may have a body that says more, and need not. */
function anyJson(text: string): unknown {
  try {
    return parseBounded(text, 'its answer');
  } catch {
    return undefined;
  }
}
