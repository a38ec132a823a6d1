import { DomainError } from '../domain/errors.ts';
import { sendConditional } from '../plugins/conditional.ts';
import { openReplies, script, withNotModified } from './schemas/replies.ts';
import type { Routes } from './services.ts';

/** `/client.js`: the client library for browsers; see docs/client.md. */
export const clientRoutes: Routes<'web'> = (server, { web }, done) => {
  // No schema for the query: pages add a version to the URL to get past caches.
  server.get(
    '/client.js',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'getClient',
        summary: 'Load the client library for browsers',
        description: 'An ES module that exports `connect` and `attachInfiniteMap`. Any query is ignored.',
        tags: ['operation'],
        response: openReplies(withNotModified(script('The module.', ['ETag'])), 'not-found'),
      },
    },
    async (request, reply) => {
      const file = web.file('client.js');
      if (!file) throw new DomainError('not-found', 'this daemon was started without its build');
      reply.header('cache-control', 'no-cache').type('text/javascript; charset=utf-8');
      return sendConditional(request, reply, file.body, file.etag);
    },
  );
  done();
};
