import { Type } from '@sinclair/typebox';
import { revisionOf } from '../domain/cursor.ts';
import { sendNotModified } from '../plugins/conditional.ts';
import { instant, manifestEtag, viewToJson } from '../services/manifest/manifest-head.ts';
import { viewOf, viewQuery } from './parameters.ts';
import { onlyOne, POSITION_ERRORS, positionOf, positionQuery } from './position.ts';
import { CountsSchema } from './schemas/counts.ts';
import { closed, ref } from './schemas/fields.ts';
import { manifestReplies } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

const Query = Type.Object({ ...viewQuery, ...positionQuery }, closed);

/** `/manifest/counts`: how many tiles each compositor has, or had. */
export const countsRoutes: Routes<'queries' | 'counts' | 'tokens'> = async (
  server,
  { queries, counts, tokens },
) => {
  server.get(
    '/manifest/counts',
    {
      config: { scope: 'read', errors: [...POSITION_ERRORS, 'overloaded'] },
      schema: {
        operationId: 'getCounts',
        summary: 'Count the tiles of each compositor',
        description: 'As it is, or as it was: at most one of `at` and `atLeast`.',
        querystring: Query,
        response: manifestReplies('The counts at one cursor.', ref(CountsSchema)),
      },
    },
    async (request, reply) => {
      const { at, atLeast } = request.query;
      onlyOne({ at, atLeast });
      const view = viewOf(request.query);
      const { manifest, caching } = await positionOf(request.query, { queries, tokens });
      setManifestHeaders(reply, queries, manifest.cursor).header('cache-control', caching);
      if (sendNotModified(request, reply, manifestEtag(manifest, view))) return reply;
      const found = await counts.of(manifest, view, whileOpen(reply));
      let total = 0;
      for (const tiles of found.values()) total += tiles;
      return reply.send({
        cursor: manifest.cursor,
        revision: revisionOf(manifest.cursor),
        committedAt: instant(manifest.committedAt),
        view: viewToJson(view),
        total,
        compositors: Object.fromEntries(found),
      });
    },
  );
};
