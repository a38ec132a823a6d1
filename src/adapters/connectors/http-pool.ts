import { request as requestHttp, type Agent, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import type { ForwardHeaders } from '../../domain/forwarder.ts';
import { NO_TRACER, type Tracer } from '../../domain/tracer.ts';
import { guardedAgent, type GuardedAgentOptions } from './guarded-agent.ts';
import { originOf } from './origin.ts';

/** The most bytes of a reply's head. */
const MAX_HEAD = 16 * 1024;

export interface PoolRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ForwardHeaders;
  readonly body?: Readable | string | undefined;
}

export interface HttpPoolOptions extends Omit<GuardedAgentOptions, 'secure'> {
  /** Its headers go with each request. */
  readonly tracer?: Tracer | undefined;
}

/** HTTP requests to compositors, over connections that are kept for a while. */
export class HttpPool {
  readonly #tracer: Tracer;
  readonly #agents: Readonly<Record<'http:' | 'https:', Agent>>;
  #closed = false;

  constructor({ tracer = NO_TRACER, ...options }: HttpPoolOptions) {
    this.#tracer = tracer;
    this.#agents = {
      'http:': guardedAgent({ ...options, secure: false }),
      'https:': guardedAgent({ ...options, secure: true }),
    };
  }

  /**
   * Resolves when the head of the reply has arrived; replies of the kind 1xx are skipped. The signal ends the request at any
   * time, also in the middle of either body. Rejects with an error of Node, or with a ConnectorError.
   */
  async request(target: Target, wanted: PoolRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { protocol, hostname, port, host } = new URL(originOf(target));
    if (this.#closed) throw new ConnectorError('unreachable', 'the connection was closed');
    signal.throwIfAborted();
    const { method, path, body } = wanted;
    const secure = protocol === 'https:';
    const options: RequestOptions = {
      agent: this.#agents[secure ? 'https:' : 'http:'],
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? (secure ? 443 : 80) : port,
      method,
      path,
      headers: { ...framed(wanted), ...this.#tracer.headers(), host },
      maxHeaderSize: MAX_HEAD,
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? requestHttps : requestHttp)(options);
      // Node would leave out what exceeds its limit; MAX_HEAD bounds the number.
      request.maxHeadersCount = 0;
      let reply: IncomingMessage | undefined;
      const abort = () => (reply ?? request).destroy(new ConnectorError('timeout', 'no answer in time'));
      signal.addEventListener('abort', abort, { once: true });
      request.once('close', () => signal.removeEventListener('abort', abort));
      request.on('error', reject);
      request.once('upgrade', (_reply, socket) => {
        socket.destroy();
        reject(new ConnectorError('bad-answer', 'it switched to another protocol'));
      });
      request.once('response', (response) => {
        reply = response;
        // Whoever reads the body sees its error; nobody may be reading any more.
        response.on('error', () => undefined);
        resolve(response);
      });
      if (body === undefined || typeof body === 'string') request.end(body);
      else pipeline(body, request, () => undefined);
    });
  }

  close(): void {
    this.#closed = true;
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

/** A body without a length is sent in chunks. Node would do so for POST and PUT only, and send others without a frame. */
function framed({ headers, body }: PoolRequest): ForwardHeaders {
  const hasLength = body === undefined || typeof body === 'string' || headers['content-length'] !== undefined;
  return hasLength ? headers : { ...headers, 'transfer-encoding': 'chunked' };
}

/** The headers of a reply; those that came more than once have several values. */
export function headersOf(reply: IncomingMessage): ForwardHeaders {
  const entries = Object.entries(reply.headersDistinct).map(
    ([name, values = []]) => [name, values.length === 1 ? values[0]! : values] as const,
  );
  return Object.fromEntries(entries);
}
