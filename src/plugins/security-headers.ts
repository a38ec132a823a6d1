import type { FastifyInstance } from 'fastify';

/** For replies that a browser may show: never guessed at, never framed, no address leaked to where links lead. */
export function addSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (_request, reply, done) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('x-frame-options', 'DENY');
    done();
  });
}
