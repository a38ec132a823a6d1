import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isAllowed, type Principal, type RequiredScope, type Scope } from '../domain/token.ts';
import type { Tokens } from '../services/access/tokens.ts';
import { sessionIn } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that the route requires; `open`: none. A route that names no scope requires `admin`. */
    scope?: Scope | 'open';
  }
  interface FastifyRequest {
    /** On whose behalf the request is made; on an `open` route always the anonymous principal. */
    principal: Principal;
  }
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const REALM = 'Bearer realm="compositord"';

/** Rejects requests that lack the scope of their route, before their body is read. */
export function addAuth(server: FastifyInstance, tokens: Tokens): void {
  server.decorateRequest('principal', undefined as unknown as Principal);

  server.addHook('onRoute', (route) => {
    const scope = route.config?.scope ?? 'admin';
    const schemes =
      scope === 'open' ? [] : [{ token: [scope] }, ...(scope === 'read' ? [{ session: [] }] : [])];
    route.schema = { ...route.schema, security: schemes };
  });

  server.addHook('onRequest', (request, reply, done) => {
    request.principal = tokens.anonymous;
    const scope = request.routeOptions.config.scope ?? 'admin';
    if (scope === 'open' || tokens.open) return done();
    const { id } = (request.params ?? {}) as { id?: string };
    try {
      request.principal = authorize(tokens, request.headers, { scope, compositor: id });
    } catch (error) {
      if (error instanceof AccessDenied) void reply.header('www-authenticate', error.challenge);
      return done(error as Error);
    }
    done();
  });
}

/** `unauthorized` or `forbidden`, with the value of `WWW-Authenticate`. */
export class AccessDenied extends DomainError {
  readonly challenge: string;

  constructor(kind: 'unauthorized' | 'forbidden', message: string, challenge: string) {
    super(kind, message);
    this.challenge = challenge;
  }
}

/** The principal of a request with these headers. Throws {@link AccessDenied} when it lacks the required scope. */
export function authorize(tokens: Tokens, headers: IncomingHttpHeaders, required: RequiredScope): Principal {
  const principal = tokens.open ? tokens.anonymous : authenticate(tokens, headers);
  if (isAllowed(principal, required)) return principal;
  if (principal === tokens.anonymous)
    throw new AccessDenied('unauthorized', `this needs a token with the scope ${required.scope}`, REALM);
  const hasScope = isAllowed({ ...principal, compositors: undefined }, required);
  throw new AccessDenied(
    'forbidden',
    hasScope ? 'this token is for other compositors' : `this needs the scope ${required.scope}`,
    `${REALM}, error="insufficient_scope", scope="${required.scope}"`,
  );
}

function authenticate(tokens: Tokens, headers: IncomingHttpHeaders): Principal {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    const principal = token === undefined ? undefined : tokens.find(token);
    if (principal) return principal;
    throw new AccessDenied('unauthorized', 'this token is not known here', `${REALM}, error="invalid_token"`);
  }
  const session = sessionIn(headers.cookie);
  const principal = session === undefined ? undefined : tokens.find(session);
  // A browser sends the cookie with every request, whichever page caused it: a session may only read.
  if (principal) return { ...principal, scopes: isAllowed(principal, { scope: 'read' }) ? ['read'] : [] };
  // A browser whose session was revoked may still do what anyone may do.
  return tokens.anonymous;
}
