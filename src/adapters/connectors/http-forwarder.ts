import { Agent } from 'undici';
import type { Bearers } from '../../domain/bearers.ts';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import { HOP_BY_HOP } from '../../domain/forwarded-headers.ts';
import type { Forwarder, ForwardHeaders, ForwardReply, ForwardRequest } from '../../domain/forwarder.ts';
import { guardedConnect } from './guarded-connect.ts';
import type { Guard } from './guard.ts';
import { originOf } from './origin.ts';
import { connectorErrorOf } from './connector-errors.ts';

/** The most connections to one origin; each live stream takes one. */
const CONNECTIONS = 256;
/** The most bytes of a reply's head. */
const MAX_HEAD = 16 * 1024;
/** Request headers that are set anew for this connection. */
const REPLACED = new Set([...HOP_BY_HOP, 'host', 'expect']);

/** A {@link Forwarder} with one pool of connections for all compositors. */
export class HttpForwarder implements Forwarder {
  readonly #agent: Agent;
  readonly #bearers: Bearers | undefined;

  constructor(options: { guard: Guard; ca?: string; bearers?: Bearers }) {
    this.#bearers = options.bearers;
    this.#agent = new Agent({
      connect: guardedConnect(options.guard, options.ca),
      connections: CONNECTIONS,
      maxHeaderSize: MAX_HEAD,
      // Each request's signal is its time limit.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async forward(target: Target, request: ForwardRequest, signal: AbortSignal): Promise<ForwardReply> {
    if (target.protocol !== 'http' && target.protocol !== 'https')
      throw new ConnectorError('refused', `there is no HTTP API behind ${target.protocol}`);
    if (!request.path.startsWith('/'))
      throw new ConnectorError('refused', 'the path must begin with a slash');
    const headers = Object.entries(request.headers).filter(([name]) => !REPLACED.has(name));
    try {
      const reply = await this.#agent.request({
        origin: originOf(target),
        method: request.method,
        path: request.path,
        headers: {
          ...(Object.fromEntries(headers) as Record<string, string | string[]>),
          ...this.#bearers?.headersFor(target),
        },
        body: request.body ?? null,
        signal,
      });
      return { status: reply.statusCode, headers: reply.headers as ForwardHeaders, body: reply.body };
    } catch (error) {
      request.body?.destroy();
      throw connectorErrorOf(error, signal);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
