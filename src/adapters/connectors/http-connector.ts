import { buffer } from 'node:stream/consumers';
import { Client, type Dispatcher } from 'undici';
import { withDeadline } from '../../concurrency/timeout.ts';
import type { Info } from '../../domain/compositor.ts';
import {
  ANSWER_LIMIT,
  ConnectorError,
  INFO_LIMIT,
  type Command,
  type Connector,
  type Probe,
  type Target,
} from '../../domain/connector.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { isShallow, parseBounded } from './bounded-json.ts';
import { connectorErrorOf } from './connector-errors.ts';
import type { ConnectorParts } from './connector-parts.ts';
import { guardedConnect } from './guarded-connect.ts';
import { originOf } from './origin.ts';

export interface HttpConnectorOptions extends Pick<ConnectorParts, 'guard' | 'clock' | 'ca' | 'bearers'> {
  readonly target: Target;
}

/** Where a compositor may report about itself. The first path that answers is used from then on. */
const INFO_PATHS = ['/api/status', '/info'];
/** Every sixth probe reads it. */
const INFO_EVERY = 6;
/** Milliseconds for reading it: a compositor that reports nothing about itself is still healthy. */
const INFO_TIMEOUT = 2000;
/** Milliseconds to keep the connection for probes open: longer than the interval between them. */
const KEEP_ALIVE = 60_000;
/** The most bytes of an answer's head. */
const MAX_HEAD = 16 * 1024;
/** Error codes of a kept connection that the peer had already closed: the peer never got the probe, so it is repeated. */
const STALE_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

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
    this.#probes = this.#client(KEEP_ALIVE);
    // With undici's short keep-alive: a command that is lost with an old connection cannot be repeated.
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
        headers: { ...this.#headers(), 'content-type': 'application/json' },
        body: JSON.stringify(command),
        signal,
      });
      return answerOf(reply, (await buffer(reply.body)).toString());
    } catch (error) {
      throw connectorErrorOf(error, signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#probes?.destroy(), this.#commands?.destroy()]);
  }

  /** Made for each request: the token may have been replaced. */
  #headers(): Record<string, string> {
    const { bearers, target } = this.#options;
    return { ...HEADERS, ...bearers?.headersFor(target) };
  }

  #client(keepAliveTimeout?: number): Client {
    const { target, guard, ca } = this.#options;
    return new Client(originOf(target), {
      connect: guardedConnect(guard, ca),
      maxHeaderSize: MAX_HEAD,
      // A longer answer ends its connection, because it might never end by itself.
      maxResponseSize: ANSWER_LIMIT,
      // Each call's signal is its time limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(keepAliveTimeout !== undefined && { keepAliveTimeout }),
    });
  }

  /** The milliseconds until a healthy answer. */
  async #health(signal: AbortSignal): Promise<number> {
    const sentAt = this.#options.clock.monotonic();
    const { status } = await this.#get('/health', signal);
    if (!isSuccess(status)) throw errorOf(`GET /health answered ${status}`, status);
    return this.#options.clock.monotonic() - sentAt;
  }

  /** An error here does not fail the probe; the last known information stays. */
  async #readInfo(signal: AbortSignal): Promise<void> {
    const request = (deadline: AbortSignal) => this.#requestInfo(deadline);
    this.#infoPath = await withDeadline(this.#options.clock, INFO_TIMEOUT, request, signal);
  }

  /** Returns the path that answered; the present one when there was no time to ask all. */
  async #requestInfo(signal: AbortSignal): Promise<string | undefined> {
    for (const path of this.#infoPath === undefined ? INFO_PATHS : [this.#infoPath]) {
      try {
        const { status, text } = await this.#get(path, signal);
        if (!isSuccess(status) || Buffer.byteLength(text) > INFO_LIMIT) continue;
        const info = parseBounded(text, 'its information');
        if (!isObject(info)) continue;
        this.#info = info;
        return path;
      } catch {
        if (signal.aborted) return this.#infoPath;
      }
    }
    return undefined;
  }

  async #get(path: string, signal: AbortSignal, retry = true): Promise<{ status: number; text: string }> {
    try {
      const reply = await openOf(this.#probes).request({
        method: 'GET',
        path,
        headers: this.#headers(),
        signal,
      });
      return { status: reply.statusCode, text: (await buffer(reply.body)).toString() };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (retry && !signal.aborted && code !== undefined && STALE_CONNECTION.has(code))
        return this.#get(path, signal, false);
      throw connectorErrorOf(error, signal);
    }
  }
}

/** Compression is declined, because a small answer could unpack to a large one. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'compositord' };

function openOf(client: Client | undefined): Client {
  if (!client) throw new ConnectorError('unreachable', 'it is not connected');
  return client;
}

function answerOf({ statusCode, headers }: Dispatcher.ResponseData, text: string): unknown {
  if (!isSuccess(statusCode)) {
    const answer = parseJson(text);
    const summary = `POST /commands answered ${statusCode}`;
    throw errorOf(summary, statusCode, isShallow(answer) ? answer : undefined);
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    throw new ConnectorError('bad-answer', 'its answer is compressed, which the daemon did not ask for');
  return text === '' ? null : parseBounded(text, 'its answer');
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function errorOf(summary: string, status: number, answer?: unknown): ConnectorError {
  return status >= 300 && status < 400
    ? new ConnectorError('bad-answer', `${summary}: redirects are not followed`)
    : new ConnectorError('failed', summary, { answer });
}
