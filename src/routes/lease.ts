import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { cursorOf, closed, FencedHeaders, generationOf, IdParams, NoQuery } from './parameters.ts';
import { LeaseSchema } from './schemas/compositor.ts';
import { ref } from './schemas/ref.ts';
import { json, replies, HOLDER_PROBLEMS } from './schemas/replies.ts';
import { cursor } from './schemas/text.ts';
import { setManifestHeaders, type Services } from './services.ts';

const RenewalBody = Type.Object(
  { cursor: Type.Optional(cursor({ description: 'The last cursor its holder saw.' })) },
  { ...closed, description: 'May be left out.', examples: [{ cursor: '1042-9f3a2c1b' }] },
);

const RenewalReply = Type.Object({
  lease: ref(LeaseSchema),
  republish: Type.Boolean({
    description: 'The history does not have that cursor: writes may be lost, send all tiles again (`PUT`).',
    examples: [false],
  }),
  cursor: cursor({ description: 'Where the manifest is.' }),
});

/** `/compositors/{id}/lease`: the sign of life. */
export const leaseRoutes: FastifyPluginCallbackTypebox<Services> = (server, services, done) => {
  server.put(
    '/compositors/:id/lease',
    {
      config: { scope: 'write' },
      // `curl -X PUT` sends no body, and the schema would refuse that.
      preValidation: (request, _reply, next) => {
        if ((request.body as unknown) === undefined) request.body = {};
        next();
      },
      schema: {
        operationId: 'renewLease',
        summary: 'Renew the lease',
        description:
          'Costs no revision. 404 says: register again. 409 says: another generation holds it. The body may be left out.',
        tags: ['compositors'],
        querystring: NoQuery,
        params: IdParams,
        headers: FencedHeaders,
        body: RenewalBody,
        'x-body-optional': true,
        response: replies({ 200: json('Renewed.', RenewalReply, ['Manifest-Cursor']) }, ...HOLDER_PROBLEMS),
      },
    },
    async (request, reply) => {
      const { cursor: seen } = request.body;
      const renewed = await services.registry.renew(
        request.params.id,
        generationOf(request.headers),
        seen === undefined ? undefined : cursorOf('cursor', seen),
      );
      return setManifestHeaders(reply, services.queries, renewed.cursor).send(renewed);
    },
  );
  done();
};
