import { DomainError } from '../domain/errors.ts';
import { sendConditional } from '../plugins/conditional.ts';
import { script, withNotModified } from './schemas/replies.ts';
import { AnyQuery } from './parameters.ts';
import type { Routes } from './services.ts';

/** `/client.js`: the client library for browsers; see docs/client.md. */
export const clientRoutes: Routes<'web'> = async (server, { web }) => {
  server.get(
    '/client.js',
    {
      config: { scope: 'open', errors: ['not-found'] },
      schema: {
        operationId: 'getClient',
        summary: 'Load the client library for browsers',
        description: 'An ES module that exports `connect` and `attachInfiniteMap`. Any query is ignored.',
        // Pages add a version to the URL to get past caches.
        querystring: AnyQuery,
        response: withNotModified(script('The module.', ['ETag'])),
      },
    },
    async (request, reply) => {
      const file = web.file('client.js');
      if (!file) throw new DomainError('not-found', 'this daemon was started without its build');
      reply.header('cache-control', 'no-cache').type('text/javascript; charset=utf-8');
      return sendConditional(request, reply, file.body, file.etag);
    },
  );
};
