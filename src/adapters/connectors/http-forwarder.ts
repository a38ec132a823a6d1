import type { Bearers } from '../../domain/bearers.ts';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import { HOP_BY_HOP } from '../../domain/forwarded-headers.ts';
import type { Forwarder, ForwardReply, ForwardRequest } from '../../domain/forwarder.ts';
import type { Tracer } from '../../domain/tracer.ts';
import type { Guard } from './guard.ts';
import { connectorErrorOf } from './connector-errors.ts';
import { headersOf, HttpPool } from './http-pool.ts';

/** The most connections to one origin; each live stream takes one. */
const CONNECTIONS = 256;
/** Milliseconds to keep an unused connection: less than servers do, since a request that is lost with one is not repeated. */
const KEEP_ALIVE = 4000;
/** Request headers that are set anew for this connection. */
const REPLACED = new Set([...HOP_BY_HOP, 'host', 'expect']);

/** A {@link Forwarder} with one pool of connections for all compositors. */
export class HttpForwarder implements Forwarder {
  readonly #pool: HttpPool;
  readonly #bearers: Bearers | undefined;

  constructor(options: { guard: Guard; ca?: string; bearers?: Bearers; tracer?: Tracer }) {
    this.#bearers = options.bearers;
    this.#pool = new HttpPool({ ...options, connections: CONNECTIONS, keepAlive: KEEP_ALIVE });
  }

  async forward(target: Target, request: ForwardRequest, signal: AbortSignal): Promise<ForwardReply> {
    if (target.protocol !== 'http' && target.protocol !== 'https')
      throw new ConnectorError('refused', `there is no HTTP API behind ${target.protocol}`);
    if (!request.path.startsWith('/'))
      throw new ConnectorError('refused', 'the path must begin with a slash');
    const headers = Object.entries(request.headers).filter(([name]) => !REPLACED.has(name));
    try {
      const reply = await this.#pool.request(
        target,
        {
          method: request.method,
          path: request.path,
          headers: { ...Object.fromEntries(headers), ...this.#bearers?.headersFor(target) },
          body: request.body,
        },
        signal,
      );
      return { status: reply.statusCode!, headers: headersOf(reply), body: reply };
    } catch (error) {
      request.body?.destroy();
      throw connectorErrorOf(error, signal);
    }
  }

  async close(): Promise<void> {
    this.#pool.close();
  }
}
