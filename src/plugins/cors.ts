import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isLoopback } from '../domain/loopback.ts';
import { mayComeFromForeignPage } from './foreign-page.ts';
import type { KnownUrls } from './known-urls.ts';
import { isSameOrigin } from './same-origin.ts';

const EXPOSED =
  'ETag, Location, Link, Retry-After, Manifest-Cursor, Manifest-Degraded, Idempotent-Replayed, X-Request-Id';
/** Those we read, and those that clients and tracers add by themselves: a page could not read with them otherwise. */
const ACCEPTED = [
  'Accept',
  'Authorization',
  'Baggage',
  'Cache-Control',
  'Content-Type',
  'Idempotency-Key',
  'If-Modified-Since',
  'If-None-Match',
  'Last-Event-ID',
  'Lease-Generation',
  'Pragma',
  'Sentry-Trace',
  'Traceparent',
  'Tracestate',
  'X-Request-Id',
  'X-Requested-With',
].join(', ');

/**
 * Says which web pages may read and write. Without `origins`, every page may read and none may write; with `origins`, those
 * pages may do both and others neither. Programs other than browsers send no `Origin`, and our own pages may do everything.
 * `@fastify/cors` does not serve: it refuses no writes, and its `OPTIONS *` route would hide our 404 and 405.
 */
export function addCors(
  server: FastifyInstance,
  options: { origins: readonly string[] | undefined; urls: KnownUrls },
): void {
  const { origins, urls } = options;
  const listed = new Set(origins);
  const mayWriteBy = (request: FastifyRequest, origin: string) =>
    mayWrite(origins, origin, request.headers.host);

  const allow = (reply: FastifyReply, origin: string | undefined) => {
    if (!origins) {
      reply.header('access-control-allow-origin', '*');
    } else {
      // Also for refused origins: otherwise a cache could give one page's reply to another page.
      reply.header('vary', 'Origin');
      if (origin === undefined || !listed.has(origin)) return;
      reply.header('access-control-allow-origin', origin);
    }
    reply.header('access-control-expose-headers', EXPOSED);
  };

  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    const wanted = request.headers['access-control-request-method'];
    // Commands and forwarded requests: even a GET may change something, and not every page may read the answer.
    const isCommand = request.routeConfig.scope === 'command';
    const isRead = (method: string) => !isCommand && urls.isRead(request.url, method);
    if (!isCommand || origins) allow(reply, origin);
    if (request.method === 'OPTIONS' && origin !== undefined && wanted !== undefined) {
      const methods = urls.methodsOf(request.url);
      if (methods.length === 0) return done();
      if (!isRead(wanted) && !mayWriteBy(request, origin)) return done(forbiddenOrigin(origin));
      reply
        .code(204)
        .header('access-control-allow-methods', methods.join(', '))
        .header('access-control-allow-headers', ACCEPTED)
        .header('access-control-max-age', '600')
        .send();
      return;
    }
    const writes = () => !isRead(request.method) && (isCommand || request.method !== 'OPTIONS');
    // Programs send no origin, and need no look at all URLs.
    if (origin !== undefined && writes() && !mayWriteBy(request, origin))
      return done(forbiddenOrigin(origin));
    if (isCommand && origin === undefined && mayComeFromForeignPage(request.headers))
      return done(forbiddenOrigin());
    done();
  });
}

/** Whether a page from `origin` may read, by the same rule. */
export function mayRead(
  origins: readonly string[] | undefined,
  origin: string,
  host: string | undefined,
): boolean {
  return !origins || origins.includes(origin) || isSameOrigin(origin, host);
}

/** Whether a page from `origin` may write, by the same rule. */
export function mayWrite(
  origins: readonly string[] | undefined,
  origin: string,
  host: string | undefined,
): boolean {
  return origins?.includes(origin) === true || isSameOrigin(origin, host);
}

/** Whether messages of a page from `origin` may be passed on: it may write, or it is a page of the browser's own machine. */
export function mayRelay(
  origins: readonly string[] | undefined,
  origin: string,
  host: string | undefined,
): boolean {
  if (mayWrite(origins, origin, host)) return true;
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname.replace(/^\[|\]$/g, ''));
}

function forbiddenOrigin(origin?: string): DomainError {
  if (origin === undefined)
    return new DomainError(
      'forbidden',
      'this may come from a page of another site; send a token, or use the page over TLS or at localhost',
    );
  const who = JSON.stringify(origin.slice(0, 200));
  return new DomainError('forbidden', `pages of ${who} may not write here; see the setting cors.origins`);
}
