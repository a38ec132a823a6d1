import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Principal } from '../domain/token.ts';

const CLEAN = /^[A-Za-z0-9._-]{1,64}$/;

/** A request id is a UUID whose last digits count up: a random one for each request cost as much as routing it. */
const PROCESS = randomUUID().slice(0, 24);
let requests = 0;

/** The id in `X-Request-Id`, if it is safe to log; else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && CLEAN.test(given)) return given;
  requests += 1;
  return PROCESS + requests.toString(16).padStart(12, '0');
}

/** Query parameters in which people put credentials (the daemon never reads them there), and our own tokens. */
const SECRETS = [
  /([?&;](?:[a-z_-]*token|auth|authorization|api[_-]?key|key|password|secret)=)[^&;]*/gi,
  /(cmp_)[A-Za-z0-9_-]+/g,
];

/** The URL with its secrets masked, for the log. */
export function withoutSecrets(url: string): string {
  return SECRETS.reduce((text, secret) => text.replace(secret, '$1***'), url);
}

/**
 * Logs one line per request, never bodies. Successes are logged at `debug` only: compositors write all the time, and their
 * lines would hide the failures. Stream routes log their own two lines.
 */
export function addRequestLog(server: FastifyInstance): void {
  const verbose = ['debug', 'trace'].includes(server.log.level);
  server.addHook('onResponse', (request, reply, done) => {
    const succeeded = reply.statusCode < 400;
    // Undefined when the request failed before the auth hook, such as for an unknown URL.
    const principal = request.principal as Principal | undefined;
    if (!request.routeOptions.config.stream && (verbose || !succeeded)) {
      request.log[succeeded ? 'debug' : 'info'](
        {
          method: request.method,
          url: withoutSecrets(request.url),
          ...(principal?.name !== undefined && { principal: principal.name }),
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime * 10) / 10,
          cursor: reply.getHeader('manifest-cursor'),
        },
        'request',
      );
    }
    done();
  });
}
