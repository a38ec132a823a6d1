import { Agent } from 'undici';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import type { Forwarder, ForwardReply, ForwardRequest } from '../../domain/forwarder.ts';
import { guardedConnect } from './guarded-connect.ts';
import type { Guard } from './guard.ts';
import { originOf } from './origin.ts';
import { connectorErrorOf } from './connector-errors.ts';

/** The most connections to one origin; each live stream takes one. */
const CONNECTIONS = 256;
/** The most bytes of a reply's head. */
const MAX_HEAD = 16 * 1024;
/** Set anew for this connection. */
const HOP_BY_HOP = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** A {@link Forwarder} with one pool of connections for all compositors. */
export class HttpForwarder implements Forwarder {
  readonly #agent: Agent;

  constructor(options: { guard: Guard; ca?: string }) {
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
    try {
      const reply = await this.#agent.request({
        origin: originOf(target),
        method: request.method,
        path: request.path,
        headers: sentHeaders(request.headers),
        body: request.body ?? null,
        signal,
      });
      return { status: reply.statusCode, headers: definedOf(reply.headers), body: reply.body };
    } catch (error) {
      request.body?.destroy();
      throw connectorErrorOf(error, signal);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function sentHeaders(headers: ForwardRequest['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
      .map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function definedOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ForwardReply['headers'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
