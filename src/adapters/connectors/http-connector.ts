import type { Readable } from 'node:stream';
import { Client, type Dispatcher } from 'undici';
import { Deadline } from '../../concurrency/deadline.ts';
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
import { connectorErrorOf } from './connector-errors.ts';
import type { ConnectorParts } from './connector-parts.ts';
import { guardedConnect } from './guarded-connect.ts';
import { originOf } from './origin.ts';

export interface HttpConnectorOptions extends Pick<ConnectorParts, 'guard' | 'clock' | 'ca'> {
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
      maxHeaderSize: MAX_HEAD,
      // Each call's signal is its time limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(keepAliveTimeout !== undefined && { keepAliveTimeout }),
    });
  }

  /** The milliseconds until a healthy answer. */
  async #health(signal: AbortSignal): Promise<number> {
    const sentAt = this.#options.clock.monotonic();
    const { status } = await this.#get('/health', ANSWER_LIMIT, signal);
    if (status >= 300 && status < 400)
      throw new ConnectorError('bad-answer', `GET /health answered ${status}: redirects are not followed`);
    if (status < 200 || status >= 300) throw new ConnectorError('failed', `GET /health answered ${status}`);
    return this.#options.clock.monotonic() - sentAt;
  }

  /** An error here does not fail the probe; the last known information stays. */
  async #readInfo(signal: AbortSignal): Promise<void> {
    const deadline = new Deadline(this.#options.clock, INFO_TIMEOUT, signal);
    await this.#requestInfo(deadline.signal);
    deadline.clear();
  }

  async #requestInfo(signal: AbortSignal): Promise<void> {
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
    retry = true,
  ): Promise<{ status: number; text: string }> {
    try {
      const reply = await openOf(this.#probes).request({ method: 'GET', path, headers: HEADERS, signal });
      return { status: reply.statusCode, text: await readBody(reply.body, limit) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (retry && !signal.aborted && code !== undefined && STALE_CONNECTION.has(code))
        return this.#get(path, limit, signal, false);
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
  const summary = `POST /commands answered ${statusCode}`;
  if (statusCode >= 300 && statusCode < 400)
    throw new ConnectorError('bad-answer', `${summary}: redirects are not followed`);
  if (statusCode >= 200 && statusCode < 300) {
    if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
      throw new ConnectorError('bad-answer', 'its answer is compressed, which the daemon did not ask for');
    return text === '' ? null : parseBounded(text, 'its answer');
  }
  throw new ConnectorError('failed', summary, { answer: jsonOrUndefined(text) });
}

/** The JSON body of an error, if it has one. */
function jsonOrUndefined(text: string): unknown {
  try {
    return parseBounded(text, 'its answer');
  } catch {
    return undefined;
  }
}

/** Reads a body of at most `limit` bytes. A longer one ends its connection, because it might never end by itself. */
async function readBody(body: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // To leave the loop destroys the body, and with it the connection.
    if (size > limit) throw new ConnectorError('bad-answer', `its answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
