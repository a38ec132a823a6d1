import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { hasScope, isAllowed, type Principal, type RequiredScope, type Scope } from '../domain/token.ts';
import type { Denial, Tokens } from '../services/access/tokens.ts';
import { bearerInProtocols } from './link-protocol.ts';
import { isSameOrigin } from './same-origin.ts';
import { sessionsIn } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that the route requires; `open`: none. A route that names no scope requires `admin`. */
    scope?: Scope | 'open';
    /** Its URL does not name the compositor that it writes for. The route's service looks whether the token covers that one. */
    findsCompositor?: boolean;
    /** A token may come as a subprotocol of the WebSocket, since a page cannot set its headers. */
    tokenInProtocol?: boolean;
  }
  interface FastifyRequest {
    /** On whose behalf the request is made; on an `open` route always the anonymous principal. */
    principal: Principal;
  }
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const REALM = 'Bearer realm="compositord"';

/** Rejects requests that lack the scope of their route, before their body is read. `base`: the base path, without a slash at its end. */
export function addAuth(server: FastifyInstance, tokens: Tokens, base: string): void {
  server.decorateRequest('principal', undefined as unknown as Principal);

  server.addHook('onRoute', (route) => {
    const scope = route.config?.scope ?? 'admin';
    const schemes =
      scope === 'open' ? [] : [{ token: [scope] }, ...(scope === 'read' ? [{ session: [] }] : [])];
    route.schema = { ...route.schema, security: schemes };
  });

  server.addHook('onRequest', (request, reply, done) => {
    request.principal = tokens.anonymous;
    const { scope = 'admin', findsCompositor: isFoundLater } = request.routeConfig;
    if (scope === 'open' || tokens.open) return done();
    const { id } = (request.params ?? {}) as { id?: string };
    const answer = (denied: AccessDenied | undefined) => {
      if (denied) {
        tokens.denied[denied.reason] += 1;
        void reply.header('www-authenticate', denied.challenge);
      }
      done(denied);
    };
    const admit = (principal: Principal | undefined) => {
      request.principal = principal ?? tokens.anonymous;
      answer(whyDenied(principal, tokens.anonymous, { scope, compositor: id, isFoundLater }));
    };
    const { authorization } = request.headers;
    if (authorization !== undefined && !BEARER.test(authorization)) return answer(notBearer());
    const found = authenticate(tokens, request, base);
    if (found instanceof Promise) found.then(admit, done);
    else admit(found);
  });
}

/** `unauthorized` or `forbidden`, with the value of `WWW-Authenticate`. */
class AccessDenied extends DomainError {
  readonly reason: Denial;
  readonly challenge: string;

  constructor(reason: Denial, message: string, challenge: string) {
    super(reason === 'unknown-token' || reason === 'no-token' ? 'unauthorized' : 'forbidden', message);
    this.reason = reason;
    this.challenge = challenge;
  }
}

function notBearer(): AccessDenied {
  return new AccessDenied(
    'unknown-token',
    'the header Authorization must be "Bearer", a space, and the token',
    `${REALM}, error="invalid_token"`,
  );
}

/** Why a principal may not do this; undefined when it may. No principal: its token is not known. */
function whyDenied(
  principal: Principal | undefined,
  anonymous: Principal,
  required: RequiredScope,
): AccessDenied | undefined {
  if (!principal)
    return new AccessDenied(
      'unknown-token',
      'this token is not known here, or has expired',
      `${REALM}, error="invalid_token"`,
    );
  if (isAllowed(principal, required)) return undefined;
  if (principal === anonymous)
    return new AccessDenied('no-token', `this needs a token with the scope ${required.scope}`, REALM);
  const isScoped = hasScope(principal, required.scope);
  return new AccessDenied(
    isScoped ? 'other-compositor' : 'missing-scope',
    isScoped ? 'this token is for other compositors' : `this needs the scope ${required.scope}`,
    `${REALM}, error="insufficient_scope", scope="${required.scope}"`,
  );
}

/** On whose behalf a request is made; undefined when its token is not known. */
function authenticate(
  tokens: Tokens,
  request: FastifyRequest,
  base: string,
): Principal | undefined | Promise<Principal | undefined> {
  const { origin, host, cookie } = request.headers;
  const { tokenInProtocol } = request.routeOptions.config;
  const authorization =
    request.headers.authorization ??
    (tokenInProtocol ? bearerInProtocols(request.headers['sec-websocket-protocol']) : undefined);
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    return token === undefined ? undefined : tokens.authenticate(token);
  }
  // Cookies know no ports: pages of other services of this host send ours with their WebSockets and requests, too.
  if (origin !== undefined && !isSameOrigin(origin, host)) return tokens.anonymous;
  for (const session of sessionsIn(cookie, { base, secure: request.protocol === 'https' })) {
    const principal = tokens.findSession(session);
    if (principal) return principal;
  }
  // A browser whose session has ended may still do what anyone may do.
  return tokens.anonymous;
}
