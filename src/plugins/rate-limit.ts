import type { FastifyInstance, FastifyReply } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import type { ClientLimits } from '../services/access/client-limits.ts';
import type { Allowance } from '../services/access/rate-limit.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Probes: one address may ask for a whole cluster. */
    unlimited?: boolean;
  }
  interface FastifyRequest {
    /** The client makes too many requests. Only a stream gets as far as this: it is never answered with an error. */
    overRate: boolean;
  }
}

/** From this share of the burst on, replies tell the client what is left. */
const WORTH_TELLING = 0.5;

/**
 * Limits the requests of each address, before anything is read of them; {@link addTokenRateLimit} those of each token, whatever
 * addresses it is used from. An own implementation: @fastify/rate-limit asks Redis before each request when it is to count
 * for all replicas, so that reads would end while Redis is away; per process it keeps two objects per client and request.
 */
export function addAddressRateLimit(server: FastifyInstance, limits: ClientLimits): void {
  server.decorateRequest('overRate', false);
  server.addHook('onRequest', (request, reply, done) => {
    const config = request.routeConfig;
    if (config.unlimited) return done();
    const allowance = limits.requestFrom(request.ip);
    if (config.stream) request.overRate = allowance.retryAfter > 0;
    done(config.stream ? undefined : tell(reply, limits, allowance));
  });
}

/** Must be added after the hook that finds out whose token it is. */
export function addTokenRateLimit(server: FastifyInstance, limits: ClientLimits): void {
  server.addHook('onRequest', (request, reply, done) => {
    const allowance = limits.requestBy(request.principal);
    if (!allowance) return done();
    if (!request.routeConfig.stream) return done(tell(reply, limits, allowance));
    request.overRate ||= allowance.retryAfter > 0;
    done();
  });
}

/** The headers of draft-ietf-httpapi-ratelimit-headers, and the error when the request is refused. */
function tell(reply: FastifyReply, limits: ClientLimits, allowance: Allowance): DomainError | undefined {
  const { burst, window } = limits.requests;
  const { remaining, retryAfter } = allowance;
  if (retryAfter === 0 && remaining > burst * WORTH_TELLING) return undefined;
  const seconds = Math.max(1, Math.ceil(retryAfter / 1000));
  reply
    .header('ratelimit-policy', `"requests";q=${burst};w=${window / 1000}`)
    .header('ratelimit', `"requests";r=${remaining};t=${seconds}`);
  if (retryAfter === 0) return undefined;
  return new DomainError('rate-limited', 'too many requests', { retryAfter: seconds });
}
