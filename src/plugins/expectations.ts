import type { FastifyInstance } from 'fastify';
import { hasBody } from './body-timeout.ts';

/** What a body is held to before it is asked for. */
const PARTS = ['params', 'querystring', 'headers'] as const;

/**
 * Answers `Expect: 100-continue` when the body is first read, so that a request that its head alone rules out (its URL,
 * token, type or size) is refused before the client sends the body. An unknown expectation is ignored, as RFC 9110
 * permits: Node's own 417 is no problem of ours.
 */
export function addExpectations(server: FastifyInstance): void {
  server.server.on('checkExpectation', (request, response) =>
    server.server.emit('request', request, response),
  );
  server.server.on('checkContinue', (request, response) => {
    // After a reply Node reads the rest of the body only to drop it.
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue();
    });
    server.server.emit('request', request, response);
  });
  // Fastify validates after it has read the body.
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.headers.expect === undefined || !hasBody(request.raw)) return done();
    for (const part of PARTS) {
      const validate = request.getValidationFunction(part);
      const data = part === 'querystring' ? request.query : request[part];
      const result = validate?.(data) as unknown;
      if (hasError(result)) return done(result.error);
    }
    done();
  });
}

function hasError(result: unknown): result is { error: Error } {
  return typeof result === 'object' && result !== null && 'error' in result && result.error instanceof Error;
}
