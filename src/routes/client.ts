import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { DomainError } from '../domain/errors.ts';
import { isFresh } from '../plugins/conditional.ts';
import { empty, openReplies, script } from './schemas/replies.ts';
import type { Services } from './services.ts';

/** `/client.js`: what a page imports to follow the manifest; docs/client.md. */
export const clientRoutes: FastifyPluginCallbackTypebox<Services> = (server, { web }, done) => {
  // No schema for the query: pages add a version to get past caches.
  server.get(
    '/client.js',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getClient',
        summary: 'Load the client for browsers',
        description: 'An ES module that exports `connect` and `attachInfiniteMap`. Any query is ignored.',
        tags: ['operation'],
        response: openReplies(
          {
            200: script('The module.', ['ETag']),
            304: empty('Not changed since `If-None-Match`.', ['ETag']),
          },
          'not-found',
        ),
      },
    },
    async (request, reply) => {
      const file = web.file('client.js');
      if (!file) throw new DomainError('not-found', 'this daemon was started without its build');
      reply.header('etag', file.etag).header('cache-control', 'no-cache');
      if (isFresh(request.headers['if-none-match'], file.etag)) return reply.code(304).send();
      return reply.type('text/javascript; charset=utf-8').send(file.body);
    },
  );
  done();
};
