import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import type { KnownUrls } from './known-urls.ts';

const EXPOSED = 'ETag, Location, Link, Retry-After, Manifest-Cursor, Manifest-Degraded, Idempotent-Replayed';
const ACCEPTED =
  'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Lease-Generation';
const READS = new Set(['GET', 'HEAD']);

/**
 * Which web pages may do what: without `origins` every page may read and none may write; with them, those pages may do
 * both and others nothing. Programs that are no browsers send no `Origin`, and a page of our own is no stranger.
 */
export function addCors(
  server: FastifyInstance,
  options: { origins: readonly string[] | undefined; urls: KnownUrls },
): void {
  const { origins, urls } = options;
  const listed = new Set(origins);
  const mayWrite = (request: FastifyRequest, origin: string) =>
    listed.has(origin) || isSameOrigin(origin, request.headers.host);

  const allow = (reply: FastifyReply, origin: string | undefined) => {
    if (!origins) {
      reply.header('access-control-allow-origin', '*');
    } else {
      // Also for the origins that are refused: a cache must not hand one page's answer to another.
      reply.header('vary', 'Origin');
      if (origin === undefined || !listed.has(origin)) return;
      reply.header('access-control-allow-origin', origin);
    }
    reply.header('access-control-expose-headers', EXPOSED);
  };

  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    const wanted = request.headers['access-control-request-method'];
    // A compositor may do anything on a GET, and what it answers is not for every page on the web.
    const guarded = request.routeOptions.config.scope === 'command';
    const isRead = (method: string) => !guarded && READS.has(method);
    if (!guarded || origins) allow(reply, origin);
    if (request.method === 'OPTIONS' && origin !== undefined && wanted !== undefined) {
      const methods = urls.methodsOf(request.url);
      if (methods.length === 0) return done();
      if (!isRead(wanted) && !mayWrite(request, origin)) return done(forbiddenOrigin(origin));
      reply
        .code(204)
        .header('access-control-allow-methods', methods.join(', '))
        .header('access-control-allow-headers', ACCEPTED)
        .header('access-control-max-age', '600')
        .send();
      return;
    }
    const writes = !isRead(request.method) && (guarded || request.method !== 'OPTIONS');
    if (writes && origin !== undefined && !mayWrite(request, origin)) return done(forbiddenOrigin(origin));
    // An image or a link on a strange page: it has no Origin, and its GET would be done all the same.
    const site = request.headers['sec-fetch-site'];
    if (guarded && origin === undefined && (site === 'cross-site' || site === 'same-site'))
      return done(forbiddenOrigin());
    done();
  });
}

/** Whether a page of `origin` may read, by the rule above. */
export function mayRead(
  origins: readonly string[] | undefined,
  origin: string,
  host: string | undefined,
): boolean {
  return !origins || origins.includes(origin) || isSameOrigin(origin, host);
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function forbiddenOrigin(origin?: string): DomainError {
  const who = origin === undefined ? 'another site' : JSON.stringify(origin.slice(0, 200));
  return new DomainError('forbidden', `pages of ${who} may not write here; see the setting cors.origins`);
}
