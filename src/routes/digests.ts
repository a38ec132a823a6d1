import { Type } from '@sinclair/typebox';
import { MAX_ZOOM } from '../domain/area.ts';
import { SQUARE_LEVEL } from '../domain/square.ts';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { sendNotModified } from '../plugins/conditional.ts';
import { manifestEtag } from '../services/manifest/manifest-head.ts';
import { viewOf, viewQuery } from './parameters.ts';
import { onlyOne, POSITION_ERRORS, positionOf, positionQuery } from './position.ts';
import { DigestsSchema } from './schemas/digests.ts';
import { closed, ref } from './schemas/fields.ts';
import { manifestReplies } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

const Query = Type.Object(
  {
    ...viewQuery,
    zoom: Type.Optional(
      Type.Integer({
        minimum: SQUARE_LEVEL,
        maximum: MAX_ZOOM,
        default: SQUARE_LEVEL,
        description: 'Digests of squares of 2^zoom x 2^zoom cells.',
        examples: [SQUARE_LEVEL],
      }),
    ),
    ...positionQuery,
  },
  closed,
);

/** `/manifest/digests`: for whoever holds a copy, where it differs. */
export const digestRoutes: Routes<'queries' | 'documents' | 'tokens'> = async (
  server,
  { queries, documents, tokens },
) => {
  server.get(
    '/manifest/digests',
    {
      config: { scope: 'read', errors: [...POSITION_ERRORS, 'overloaded'] },
      schema: {
        operationId: 'getDigests',
        summary: 'Read the digests of the squares of the map',
        description:
          'One digest for each square that has tiles in view. A client that has a copy at a cursor compares its own with those `at` it, and reads only the squares that differ: `GET /manifest?at=` with the square as `view`. At most 10,000 digests; beyond that 400 names `zoom`. At most one of `at` and `atLeast`.',
        querystring: Query,
        response: manifestReplies('The digests at one cursor.', ref(DigestsSchema)),
      },
    },
    async (request, reply) => {
      const { at, atLeast, zoom = SQUARE_LEVEL } = request.query;
      onlyOne({ at, atLeast });
      const view = viewOf({ ...request.query, zoom: 0 });
      const { manifest, caching } = await positionOf(request.query, { queries, tokens });
      setManifestHeaders(reply, queries, manifest.cursor).header('cache-control', caching);
      if (sendNotModified(request, reply, manifestEtag(manifest, view))) return reply;
      const { body } = await documents.digests(manifest, { view, zoom, signal: whileOpen(reply) });
      return sendJsonBody(reply, body);
    },
  );
};
