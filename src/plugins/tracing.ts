import type { FastifyInstance } from 'fastify';
import { NO_TRACER, type OpenSpan, type Tracer } from '../domain/tracer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Only where traces are collected; undefined for a stream, which lasts as long as its reader wants. */
    span: OpenSpan | undefined;
  }
}

/**
 * Makes a span of each request, within that of its sender if `traceparent` names one. Must be added before other hooks. While nobody collects traces
 * there are no hooks, and a request costs what it did.
 */
export function addTracing(server: FastifyInstance, tracer: Tracer): void {
  if (tracer === NO_TRACER) return;
  server.decorateRequest('span', undefined);
  server.addHook('onRequest', (request, _reply, done) => {
    const isStream = request.routeOptions.config.stream === true;
    request.span = isStream ? undefined : tracer.request(request.headers, request.method);
    if (request.span) request.span.run(done);
    else done();
  });
  // Whoever has read the body was called by its socket, which knows nothing of the span.
  server.addHook('preValidation', (request, _reply, done) => {
    if (request.span) request.span.run(done);
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { span } = request;
    if (!span) return done();
    const { url: route = 'none' } = request.routeConfig;
    const facts = {
      'http.route': route,
      'http.response.status_code': reply.statusCode,
      'compositord.request_id': request.id,
    };
    // Its line of the log, which a later hook writes, names it, too.
    span.run(done);
    span.end(facts, reply.statusCode >= 500);
  });
}
