import type { IncomingMessage } from 'node:http';
import { withDeadline } from '../../concurrency/timeout.ts';
import type { Info } from '../../domain/compositor.ts';
import {
  ANSWER_LIMIT,
  ConnectorError,
  INFO_LIMIT,
  USER_AGENT,
  type Command,
  type Connector,
  type Probe,
  type Target,
} from '../../domain/connector.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { parseBounded } from './bounded-json.ts';
import { answerOf, isSuccess, statusError } from './command-answer.ts';
import { connectorErrorOf } from './connector-errors.ts';
import type { ConnectorParts } from './connector-parts.ts';
import { HttpPool, type PoolRequest } from './http-pool.ts';

export interface HttpConnectorOptions extends Pick<
  ConnectorParts,
  'guard' | 'clock' | 'ca' | 'bearers' | 'tracer'
> {
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
/** The same for commands: less than servers do, since a command that is lost with an old connection cannot be repeated. */
const KEEP_ALIVE_FOR_COMMANDS = 4000;
/** Error codes of a kept connection that the peer had already closed: the peer never got the probe, so it is repeated. */
const STALE_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/** `GET /health`, and `POST /commands` or what the compositor takes instead, over one kept connection each. */
export class HttpConnector implements Connector {
  readonly #options: HttpConnectorOptions;
  #probes: HttpPool | undefined;
  #commands: HttpPool | undefined;
  #untilInfo = INFO_EVERY;
  #infoPath: string | undefined;
  #info: Info | undefined;
  /** Which program it says it is, in `GET /health`. */
  #backend: string | undefined;

  constructor(options: HttpConnectorOptions) {
    this.#options = options;
  }

  async connect(signal: AbortSignal): Promise<void> {
    this.#probes = this.#pool(KEEP_ALIVE);
    this.#commands = this.#pool(KEEP_ALIVE_FOR_COMMANDS);
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
    const info = withBackend(this.#info, this.#backend);
    return { latencyMs, ...(info && { info }) };
  }

  async send(command: Command, signal: AbortSignal): Promise<unknown> {
    try {
      const { headers, ...wanted } = requestFor(command);
      const request = { ...wanted, headers: { ...this.#headers(), ...headers } };
      const reply = await openOf(this.#commands).request(this.#options.target, request, signal);
      return answerOf(command, reply, await textOf(reply));
    } catch (error) {
      throw connectorErrorOf(error, signal);
    }
  }

  async close(): Promise<void> {
    this.#probes?.close();
    this.#commands?.close();
  }

  /** Made for each request: the token may have been replaced. */
  #headers(): Record<string, string> {
    const { bearers, target } = this.#options;
    return { ...HEADERS, ...bearers?.headersFor(target) };
  }

  #pool(keepAlive: number): HttpPool {
    const { guard, ca, tracer } = this.#options;
    return new HttpPool({ guard, ca, tracer, connections: 1, keepAlive });
  }

  /** The milliseconds until a healthy answer. */
  async #health(signal: AbortSignal): Promise<number> {
    const sentAt = this.#options.clock.monotonic();
    const { status, text } = await this.#get('/health', signal);
    if (!isSuccess(status)) throw statusError(`GET /health answered ${status}`, status);
    this.#backend = backendIn(text);
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
      const wanted = { method: 'GET', path, headers: this.#headers() };
      const reply = await openOf(this.#probes).request(this.#options.target, wanted, signal);
      return { status: reply.statusCode!, text: await textOf(reply) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (retry && !signal.aborted && code !== undefined && STALE_CONNECTION.has(code))
        return this.#get(path, signal, false);
      throw connectorErrorOf(error, signal);
    }
  }
}

/** Compression is declined, because a small answer could unpack to a large one. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': USER_AGENT };

function openOf(pool: HttpPool | undefined): HttpPool {
  if (!pool) throw new ConnectorError('unreachable', 'it is not connected');
  return pool;
}

/** The body as text. A longer one than {@link ANSWER_LIMIT} ends its connection, because it might never end by itself. */
async function textOf(reply: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of reply as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > ANSWER_LIMIT)
      throw new ConnectorError('bad-answer', `its answer is larger than ${ANSWER_LIMIT} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

/** What goes out for a command: a request of the compositor's own API, or `POST /commands`. */
function requestFor({ id, command, params, call }: Command): Omit<PoolRequest, 'body'> & { body?: string } {
  const own = call ?? { method: 'POST', path: '/commands', body: { id, command, params } };
  const { method, path } = own;
  if (own.body === undefined) return { method, path, headers: keyOf(id) };
  const body = JSON.stringify(own.body);
  const headers = {
    ...(call && keyOf(id)),
    'content-type': 'application/json',
    // Node would send a DELETE without one.
    'content-length': String(Buffer.byteLength(body)),
  };
  return { method, path, headers, body };
}

/** So that who knows the header runs a repeated command once. */
function keyOf(id: string): { 'idempotency-key': string } {
  return { 'idempotency-key': JSON.stringify(id) };
}

/** Which program it is, as the body of `GET /health` may say. */
function backendIn(text: string): string | undefined {
  const health = text.length <= INFO_LIMIT ? parseJson(text) : undefined;
  const backend = isObject(health) ? health['backend'] : undefined;
  return typeof backend === 'string' && /^[\w.:-]{1,64}$/.test(backend) ? backend : undefined;
}

function withBackend(info: Info | undefined, backend: string | undefined): Info | undefined {
  if (backend === undefined) return info;
  const both = { ...info, backend };
  return Buffer.byteLength(JSON.stringify(both)) <= INFO_LIMIT ? both : { backend };
}
