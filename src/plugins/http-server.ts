import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
} from 'fastify';
import type { Tokens } from '../services/access/tokens.ts';
import { addAuth } from './auth.ts';
import { addBodyTimeout } from './body-timeout.ts';
import { answerClientError } from './client-error.ts';
import { addCors } from './cors.ts';
import { encodeJson } from './encode-json.ts';
import { addErrors, sendProblem } from './errors.ts';
import { addHostCheck } from './host-check.ts';
import { addJsonBody } from './json-body.ts';
import { KnownUrls } from './known-urls.ts';
import { LazyLogger } from './lazy-logger.ts';
import { addOpenapi } from './openapi.ts';
import { addRequestLog, requestId } from './request-log.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { schemaController } from './validation.ts';

export interface HttpOptions {
  log: FastifyBaseLogger;
  version: string;
  /** The path under which the daemon is shown, without a slash at its end. */
  base: string;
  listenHost: string;
  hosts: readonly string[];
  origins: readonly string[] | undefined;
  trustProxy: boolean | number | string[];
  tokens: Tokens;
}

/** Bytes of a body. */
const BODY_LIMIT = 1024 * 1024;
/** Bytes of a URL and headers together. */
const HEAD_LIMIT = 16 * 1024;
/** Milliseconds in which a head, and a body for ourselves, must have come. */
const HEAD_TIME = 10_000;
const BODY_TIME = 300_000;

/** A server without routes: everything that all of them share. */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const { base } = options;
  const server = fastify({
    loggerInstance: options.log,
    // One line a request, and it is ours: see addRequestLog.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (log, bindings) => new LazyLogger(log, bindings),
    genReqId: requestId,
    requestIdHeader: false,
    trustProxy: trusted(options.trustProxy),
    bodyLimit: BODY_LIMIT,
    // Longer ids are as wrong as they are long: let the schema say so.
    routerOptions: { maxParamLength: HEAD_LIMIT },
    // Missing Host headers are for the host check to refuse.
    http: {
      maxHeaderSize: HEAD_LIMIT,
      requireHostHeader: false,
      headersTimeout: HEAD_TIME,
      connectionsCheckingInterval: 1000,
    },
    // An upload to a compositor lasts for as long as bytes flow: addBodyTime ends the others.
    requestTimeout: 0,
    schemaController,
    frameworkErrors: (error, request, reply) => {
      // No hook has seen it: whatever body it has, nobody would end it.
      sendProblem(error, request, reply.header('connection', 'close'), base);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, base),
  });
  // Replies go out as handlers made them; that they are as promised is the tests' matter.
  server.setSerializerCompiler(() => encodeJson);
  server.setReplySerializer(encodeJson);

  const urls = new KnownUrls();
  addErrors(server, base);
  addBodyTimeout(server, { ms: BODY_TIME, base });
  addJsonBody(server);
  addRequestLog(server);
  addSecurityHeaders(server);
  addHostCheck(server, options.listenHost, options.hosts);
  addCors(server, { origins: options.origins, urls });
  urls.watch(server);
  addAuth(server, options.tokens);
  await addOpenapi(server, options);
  return server;
}

/** A number of hops as the function that Fastify wants for it. */
function trusted(proxies: HttpOptions['trustProxy']): FastifyServerOptions['trustProxy'] & {} {
  return typeof proxies === 'number' ? (_address, hop) => hop < proxies : proxies;
}
