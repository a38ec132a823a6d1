import { Type } from '@sinclair/typebox';
import { SMALL_BODY } from './body-limits.ts';
import { FencedHeaders, IdParams, generationOf } from './parameters.ts';
import { closed, cursor, ref } from './schemas/fields.ts';
import { LeaseSchema } from './schemas/compositor.ts';
import { json, HOLDER_ERRORS } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const RenewalBody = Type.Object(
  { cursor: Type.Optional(cursor({ description: 'The last cursor that the compositor saw.' })) },
  { ...closed, description: 'Optional.', examples: [{ cursor: '1042-9f3a2c1b' }] },
);

const RenewalReply = Type.Object({
  lease: ref(LeaseSchema),
  republish: Type.Boolean({
    description:
      'True when the history lacks the given cursor: writes may be lost, so send all tiles again (`PUT`).',
    examples: [false],
  }),
  cursor: cursor({ description: 'The current cursor of the manifest.' }),
});

/** `/compositors/{id}/lease`: how a compositor shows that it is alive. */
export const leaseRoutes: Routes<'registry' | 'queries'> = async (server, { registry, queries }) => {
  server.put(
    '/compositors/:id/lease',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'write', errors: HOLDER_ERRORS },
      // `curl -X PUT` sends no body, which the schema would reject.
      preValidation: (request, _reply, next) => {
        if ((request.body as unknown) === undefined) request.body = {};
        next();
      },
      schema: {
        operationId: 'renewLease',
        summary: 'Renew the lease',
        description:
          'Makes no commit. 404: register again. 409: another generation holds the lease. The body is optional.',
        params: IdParams,
        headers: FencedHeaders,
        body: RenewalBody,
        'x-body-optional': true,
        response: json('Renewed.', RenewalReply, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const { cursor: seen } = request.body;
      const renewed = await registry.renew(request.params.id, generationOf(request.headers), seen);
      return setManifestHeaders(reply, queries, renewed.cursor).send(renewed);
    },
  );
};
