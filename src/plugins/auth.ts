import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isAllowed, type Caller, type Demand, type Scope } from '../domain/token.ts';
import type { Tokens } from '../services/access/tokens.ts';
import { sessionIn } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to; `open`: nothing. A route that says nothing is for `admin` alone. */
    scope?: Scope | 'open';
  }
  interface FastifyRequest {
    /** On whose behalf the request comes; of an `open` route: nobody's. */
    caller: Caller;
  }
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const REALM = 'Bearer realm="compositord"';

/** Lets a request pass if its caller may do what its route is for, before its body is read. */
export function addAuth(server: FastifyInstance, tokens: Tokens): void {
  server.decorateRequest('caller', undefined as unknown as Caller);

  server.addHook('onRoute', (route) => {
    const scope = route.config?.scope ?? 'admin';
    const ways = scope === 'open' ? [] : [{ token: [scope] }, ...(scope === 'read' ? [{ session: [] }] : [])];
    route.schema = { ...route.schema, security: ways };
  });

  server.addHook('onRequest', (request, reply, done) => {
    request.caller = tokens.anonymous;
    const scope = request.routeOptions.config.scope ?? 'admin';
    if (scope === 'open' || tokens.open) return done();
    const { id } = (request.params ?? {}) as { id?: string };
    try {
      request.caller = admit(tokens, request.headers, { scope, compositor: id });
    } catch (error) {
      if (error instanceof Refusal) void reply.header('www-authenticate', error.challenge);
      return done(error as Error);
    }
    done();
  });
}

/** `unauthorized` or `forbidden`, with what goes into `WWW-Authenticate`. */
export class Refusal extends DomainError {
  readonly challenge: string;

  constructor(kind: 'unauthorized' | 'forbidden', message: string, challenge: string) {
    super(kind, message);
    this.challenge = challenge;
  }
}

/** Who sends these headers, when that one may do this. Throws a {@link Refusal}. */
export function admit(tokens: Tokens, headers: IncomingHttpHeaders, demand: Demand): Caller {
  const caller = tokens.open ? tokens.anonymous : callerOf(tokens, headers);
  if (isAllowed(caller, demand)) return caller;
  if (caller === tokens.anonymous)
    throw new Refusal('unauthorized', `this needs a token with the scope ${demand.scope}`, REALM);
  const hasScope = isAllowed({ ...caller, compositors: undefined }, demand);
  throw new Refusal(
    'forbidden',
    hasScope ? 'this token is for other compositors' : `this needs the scope ${demand.scope}`,
    `${REALM}, error="insufficient_scope", scope="${demand.scope}"`,
  );
}

function callerOf(tokens: Tokens, headers: IncomingHttpHeaders): Caller {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    const caller = token === undefined ? undefined : tokens.find(token);
    if (caller) return caller;
    throw new Refusal('unauthorized', 'this token is not known here', `${REALM}, error="invalid_token"`);
  }
  const session = sessionIn(headers.cookie);
  const caller = session === undefined ? undefined : tokens.find(session);
  // A browser sends a cookie along whoever made it ask: it may look, and do nothing.
  if (caller) return { ...caller, scopes: isAllowed(caller, { scope: 'read' }) ? ['read'] : [] };
  // One that was revoked since must not keep out whom anybody may be.
  return tokens.anonymous;
}
