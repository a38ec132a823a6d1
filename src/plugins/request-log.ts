import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../domain/token.ts';

const CLEAN = /^[A-Za-z0-9._-]{1,64}$/;

/** A request's id is a UUID whose end counts: drawing one anew for each request cost as much as finding its route. */
const PROCESS = randomUUID().slice(0, 24);
let requests = 0;

/** The id that a proxy gave the request, when it is fit for a log; else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && CLEAN.test(given)) return given;
  requests += 1;
  return PROCESS + requests.toString(16).padStart(12, '0');
}

/** Names of parameters by which people put credentials into a URL, where this daemon never looks for one; and our own tokens. */
const SECRETS = [
  /([?&;](?:[a-z_-]*token|auth|authorization|api[_-]?key|key|password|secret)=)[^&;]*/gi,
  /(cmp_)[A-Za-z0-9_-]+/g,
];

/** A URL fit for the log. */
export function withoutSecrets(url: string): string {
  return SECRETS.reduce((text, secret) => text.replace(secret, '$1***'), url);
}

/**
 * One line a request: what was asked and what it led to, never bodies. What went well is for `debug`: compositors write
 * all the time, and a log of it hides what went wrong. Streams write their own two.
 */
export function addRequestLog(server: FastifyInstance): void {
  const verbose = ['debug', 'trace'].includes(server.log.level);
  server.addHook('onResponse', (request, reply, done) => {
    const fine = reply.statusCode < 400;
    // A URL that nobody has is answered before anyone is asked.
    const caller = request.caller as Caller | undefined;
    // A line that nobody reads should cost nothing.
    if (!request.routeOptions.config.stream && (verbose || !fine)) {
      request.log[fine ? 'debug' : 'info'](
        {
          method: request.method,
          url: withoutSecrets(request.url),
          ...(caller?.name !== undefined && { caller: caller.name }),
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
