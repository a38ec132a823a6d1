import { requireCompositor } from './compositors.ts';
import { IdParams } from './parameters.ts';
import { ref } from './schemas/fields.ts';
import { HealthSchema } from './schemas/compositor.ts';
import { manifestReply } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';

/** `/compositors/{id}/health`: how its connection sees it. */
export const compositorHealthRoutes: Routes<'queries' | 'registry' | 'supervisor'> = async (
  server,
  { queries, registry, supervisor },
) => {
  server.get(
    '/compositors/:id/health',
    {
      config: { scope: 'read', errors: ['not-found', 'store-unavailable'] },
      schema: {
        operationId: 'getCompositorHealth',
        summary: 'Get the health of a compositor',
        description:
          'The health that the connection to the compositor sees, whichever replica holds it. When that replica does not answer, the state in the manifest.',
        params: IdParams,
        response: manifestReply('The health of the compositor.', ref(HealthSchema)),
      },
    },
    async (request, reply) => {
      const { cursor } = queries.now();
      const { id } = requireCompositor(registry, request.params.id);
      const health = await supervisor.health(id);
      // Health changes without a commit, so a cache could not tell.
      return setManifestHeaders(reply, queries, cursor).header('cache-control', 'no-store').send(health);
    },
  );
};
