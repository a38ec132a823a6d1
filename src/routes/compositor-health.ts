import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { requireCompositor } from './compositors.ts';
import { IdParams, NoQuery } from './parameters.ts';
import { HealthSchema } from './schemas/compositor.ts';
import { ref } from './schemas/ref.ts';
import { json, replies } from './schemas/replies.ts';
import { setManifestHeaders, type Services } from './services.ts';

/** `/compositors/{id}/health`: how its connection sees it. */
export const compositorHealthRoutes: FastifyPluginCallbackTypebox<Services> = (server, services, done) => {
  server.get(
    '/compositors/:id/health',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCompositorHealth',
        summary: 'Get the health of a compositor',
        description:
          'The health that the connection to the compositor sees, whichever replica holds it. When that replica does not answer, the state in the manifest.',
        tags: ['compositors'],
        querystring: NoQuery,
        params: IdParams,
        response: replies(
          {
            200: json('The health of the compositor.', ref(HealthSchema), [
              'Manifest-Cursor',
              'Manifest-Degraded',
            ]),
          },
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
      // Health changes without a commit, so a cache could not tell.
      return setManifestHeaders(reply, services.queries, cursor)
        .header('cache-control', 'no-store')
        .send(health);
    },
  );
  done();
};
