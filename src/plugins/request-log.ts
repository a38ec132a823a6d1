import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STORE_ERROR_KINDS, type ErrorKind } from '../domain/errors.ts';
import type { Principal } from '../domain/token.ts';
import { withoutSecrets } from './without-secrets.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Each request to the route leaves a line at `info`, also one that succeeds. Implied by the scope `command`. */
    audited?: boolean;
  }
  interface FastifyRequest {
    /** The client's, as a trusted proxy names it. `ip` asks the connection, which a request loses whose body was left in its middle. */
    address: string | undefined;
    /** How many entries a write has changed; undefined for requests that change none by their nature. */
    changed: number | undefined;
    /** The kind of error that it was answered with. */
    problem: ErrorKind | undefined;
  }
}

const CLEAN = /^[A-Za-z0-9._-]{1,64}$/;
/** W3C Trace Context: version, trace id, parent id, flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

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

/** Who makes a request, and from where: for every line about it. */
export function originOfRequest(request: FastifyRequest): {
  reqId: string;
  principal?: string;
  address: string;
  trace?: string;
} {
  // Undefined when the request failed before the auth hook, such as for an unknown URL.
  const name = (request.principal as Principal | undefined)?.name;
  const { traceparent } = request.headers;
  const trace = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
  return {
    reqId: request.id,
    ...(name !== undefined && { principal: name }),
    address: request.address ?? request.ip,
    ...(trace && { trace }),
  };
}

/** Milliseconds for which one line stands for all requests that were refused for the same of these. */
const FLOOD_INTERVAL = 1000;
/** Clients repeat at once what is refused for one of these, perhaps all of them. */
const FLOODS: ReadonlySet<ErrorKind | undefined> = new Set<ErrorKind>(['rate-limited', ...STORE_ERROR_KINDS]);

/**
 * Gives every reply its `X-Request-Id`, and logs one line per request, never bodies. At `info`: what was refused or failed, every
 * command and session, and every write that has changed something. Renewals, repeated writes and reads are at `debug` only: there are
 * thousands a second, and their lines would hide the others. A stream that opens has two lines of its own. Requests that were too
 * many, and those that the store refused, have one line a second; `omitted` counts those of that kind without one since the line before.
 */
export function addRequestLog(server: FastifyInstance): void {
  // Asked for each request: a reload may change the level.
  const isVerbose = () => server.log.level === 'debug' || server.log.level === 'trace';
  server.decorateRequest('address', undefined);
  server.decorateRequest('changed', undefined);
  server.decorateRequest('problem', undefined);
  server.addHook('onRoute', (route) => {
    if (route.config?.scope !== 'write') return;
    const { preSerialization = [] } = route;
    route.preSerialization = [
      ...[preSerialization].flat(),
      (request, _reply, payload, done) => {
        request.changed = (payload as { changed?: number } | null)?.changed;
        done(null, payload);
      },
    ];
  });
  server.addHook('onRequest', (request, reply, done) => {
    request.address = request.ip;
    reply.header('x-request-id', request.id);
    done();
  });
  const floods = new Map<ErrorKind, Flood>();
  server.addHook('onResponse', (request, reply, done) => {
    const { problem } = request;
    if (problem && FLOODS.has(problem)) {
      const omitted = floodOf(floods, problem).next();
      if (omitted !== undefined) request.log.info({ ...lineOf(request, reply), omitted }, 'request');
      return done();
    }
    const isImportant = isAudited(request, reply);
    const opened = request.routeConfig.stream && reply.statusCode < 400;
    if (!opened && (isImportant || isVerbose()))
      request.log[isImportant ? 'info' : 'debug'](lineOf(request, reply), 'request');
    done();
  });
}

/** Requests that were refused for one reason. */
class Flood {
  #omitted = 0;
  #isOn = false;

  /** How many had no line since the last one that had; undefined: this one has none either. */
  next(): number | undefined {
    if (this.#isOn) {
      this.#omitted += 1;
      return undefined;
    }
    this.#isOn = true;
    setTimeout(() => (this.#isOn = false), FLOOD_INTERVAL).unref();
    const omitted = this.#omitted;
    this.#omitted = 0;
    return omitted;
  }
}

function floodOf(floods: Map<ErrorKind, Flood>, kind: ErrorKind): Flood {
  let flood = floods.get(kind);
  if (!flood) floods.set(kind, (flood = new Flood()));
  return flood;
}

function isAudited(request: FastifyRequest, reply: FastifyReply): boolean {
  const { scope, audited } = request.routeConfig;
  return reply.statusCode >= 400 || audited === true || scope === 'command' || (request.changed ?? 0) > 0;
}

function lineOf(request: FastifyRequest, reply: FastifyReply): object {
  const { changed, problem } = request;
  return {
    ...originOfRequest(request),
    method: request.method,
    url: withoutSecrets(request.url),
    status: reply.statusCode,
    ...(problem && { problem }),
    ...(changed !== undefined && { changed }),
    ms: Math.round(reply.elapsedTime * 10) / 10,
    cursor: reply.getHeader('manifest-cursor'),
  };
}
