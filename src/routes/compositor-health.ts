import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { requireCompositor } from './compositors.ts';
import { IdParams, NoQuery } from './parameters.ts';
import { HealthSchema } from './schemas/compositor.ts';
import { ref } from './schemas/ref.ts';
import { json, replies } from './schemas/replies.ts';
import { setManifestHeaders, type Services } from './services.ts';

/** `/compositors/{id}/health`: how its connector sees it. */
export const compositorHealthRoutes: FastifyPluginCallbackTypebox<Services> = (server, services, done) => {
  server.get(
    '/compositors/:id/health',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCompositorHealth',
        summary: 'How a compositor is',
        description:
          'As the connector to it sees it, whichever replica holds that. When that one cannot be asked, what the manifest says.',
        tags: ['compositors'],
        querystring: NoQuery,
        params: IdParams,
        response: replies(
          { 200: json('How it is.', ref(HealthSchema), ['Manifest-Cursor', 'Manifest-Degraded']) },
          'invalid-request',
          'not-found',
          'store-unavailable',
        ),
      },
    },
    async (request, reply) => {
      const { cursor } = services.queries.now();
      const { id } = requireCompositor(services.registry, request.params.id);
      const health = await services.supervisor.health(id);
      // It changes without a commit.
      return setManifestHeaders(reply, services.queries, cursor)
        .header('cache-control', 'no-store')
        .send(health);
    },
  );
  done();
};
