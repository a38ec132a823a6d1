import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
} from 'fastify';
import type { LongWork } from '../concurrency/long-work.ts';
import type { Tracer } from '../domain/tracer.ts';
import type { ClientLimits } from '../services/access/client-limits.ts';
import type { Tokens } from '../services/access/tokens.ts';
import { addAuth } from './auth.ts';
import { addBodyTimeout } from './body-timeout.ts';
import { answerClientError } from './client-error.ts';
import { addCompression } from './compression.ts';
import { addCors } from './cors.ts';
import { addErrors, sendProblem } from './errors.ts';
import { addExpectations } from './expectations.ts';
import { addHostCheck } from './host-check.ts';
import { addJsonBody, encodeJson } from './json.ts';
import { KnownUrls } from './known-urls.ts';
import { addOpenapi } from './openapi.ts';
import { addPipelining, Pipelining } from './pipelining.ts';
import { addAddressRateLimit, addTokenRateLimit } from './rate-limit.ts';
import { addRequestLog, requestId } from './request-log.ts';
import { originForm } from './request-target.ts';
import { addRouteConfig } from './route-config.ts';
import { addTracing } from './tracing.ts';
import { schemaController } from './validation.ts';
import type { WarmUp } from './warm-up.ts';

export interface HttpOptions {
  log: FastifyBaseLogger;
  version: string;
  /** The base path, without a slash at its end. */
  base: string;
  settings: {
    readonly listen: { readonly host: string };
    readonly hosts: readonly string[];
    readonly cors: { readonly origins?: readonly string[] | undefined };
    readonly trustProxy: boolean | number | string[];
  };
  tokens: Tokens;
  limits: ClientLimits;
  warmUp: WarmUp;
  work: LongWork;
  tracer: Tracer;
}

/** Bytes of a body, unless its route says otherwise; the longest valid registration is within it. */
const BODY_LIMIT = 288 * 1024;
/** Bytes of the URL and the headers together. */
const HEADER_LIMIT = 16 * 1024;
/** Milliseconds within which the headers must arrive. */
const HEADERS_TIMEOUT = 10_000;
/** Milliseconds within which a body must arrive that is not forwarded. */
const BODY_TIMEOUT = 300_000;

/** A server without routes: everything that all routes share. */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const { base, settings } = options;
  const pipelining = new Pipelining({ headersTimeout: HEADERS_TIMEOUT });
  const server = fastify({
    loggerInstance: options.log,
    // addRequestLog writes the one line per request.
    logController: new LogController({ disableRequestLogging: true }),
    // The few lines about a request name it themselves: a logger for each request cost more than to route it.
    childLoggerFactory: (log) => log,
    genReqId: requestId,
    rewriteUrl: originForm,
    requestIdHeader: false,
    trustProxy: trustedProxies(settings.trustProxy),
    bodyLimit: BODY_LIMIT,
    // The router accepts ids of any length, so that the schema can name the field of one that is too long.
    routerOptions: { maxParamLength: HEADER_LIMIT },
    http: {
      maxHeaderSize: HEADER_LIMIT,
      // The host check answers requests without a Host header.
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT,
      connectionsCheckingInterval: 1000,
    },
    // Node's limit would cut off a long upload to a compositor. addBodyTimeout ends the other bodies.
    requestTimeout: 0,
    schemaController: schemaController(options.warmUp),
    frameworkErrors: (error, request, reply) => {
      // No hook runs for these requests, so nothing would end their body.
      sendProblem(error, request, reply.header('connection', 'close'), base);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, { pipelining, base }),
  });
  // Replies are not validated here: every test checks them against the contract.
  server.setSerializerCompiler(() => encodeJson);
  server.setReplySerializer(encodeJson);

  // Node would leave out what exceeds its limit and still frame the message by it. HEADER_LIMIT bounds the number.
  server.server.maxHeadersCount = 0;

  const urls = new KnownUrls();
  addRouteConfig(server);
  addTracing(server, options.tracer);
  addPipelining(server, pipelining);
  addErrors(server, base);
  addBodyTimeout(server, { ms: BODY_TIMEOUT, pipelining, base });
  addJsonBody(server, options);
  addRequestLog(server);
  addSecurityHeaders(server);
  addHostCheck(server, settings.listen.host, settings.hosts);
  addCors(server, { origins: settings.cors.origins, urls });
  urls.watch(server);
  addAddressRateLimit(server, options.limits);
  addAuth(server, options.tokens, base);
  addTokenRateLimit(server, options.limits);
  addExpectations(server);
  addCompression(server);
  await addOpenapi(server, options);
  return server;
}

/**
 * Browsers then do not guess content types, show no reply in a frame, and send addresses of ours only to us: there they prove
 * whose page it is.
 */
function addSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (_request, reply, done) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'same-origin')
      .header('x-frame-options', 'DENY');
    done();
  });
}

/** A number of hops becomes the function that Fastify expects. */
function trustedProxies(
  proxies: HttpOptions['settings']['trustProxy'],
): FastifyServerOptions['trustProxy'] & {} {
  return typeof proxies === 'number' ? (_address, hop) => hop < proxies : proxies;
}
