import { Type } from '@sinclair/typebox';
import { tilesOf } from '../domain/commit-search.ts';
import { revisionOf } from '../domain/cursor.ts';
import { sendTagged } from '../plugins/conditional.ts';
import { limit, nextLink, pageOf } from './parameters.ts';
import { closed, compositorId, cursor, ref } from './schemas/fields.ts';
import { HistoryItemSchema } from './schemas/manifest.ts';
import { manifestReplies } from './schemas/replies.ts';
import { CELL } from './schemas/tile.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

const Query = Type.Object(
  {
    limit,
    after: Type.Optional(cursor({ description: 'Continue with the commits before this one.' })),
    cell: Type.Optional(
      Type.String({
        ...CELL,
        description:
          'Only commits that changed this cell; each with what it left there, and what was there before.',
        examples: ['3,-4'],
      }),
    ),
    by: Type.Optional(
      compositorId({ description: 'Only commits made on behalf of this compositor, or by the `daemon`.' }),
    ),
  },
  closed,
);

/** `/manifest/history`: who changed what, when. */
export const historyRoutes: Routes<'queries' | 'work' | 'about'> = async (
  server,
  { queries, work, about },
) => {
  server.get(
    '/manifest/history',
    {
      config: { scope: 'read', errors: ['cursor-gone', 'store-unavailable'] },
      schema: {
        operationId: 'getHistory',
        summary: 'List commits, newest first',
        description:
          'With `cell` it is the history of one cell: who had it when. It reaches as far back as the history does.',
        querystring: Query,
        response: manifestReplies('A page of commits.', pageOf(ref(HistoryItemSchema)), ['Link']),
      },
    },
    async (request, reply) => {
      await work.slice();
      const { limit = 100, after, cell, by } = request.query;
      const { cursor: head } = queries.now();
      const signal = whileOpen(reply);
      const page = await queries.history({ limit, before: after, cell, by, signal });
      if (page.next !== undefined) reply.header('link', nextLink(about.base, request.url, page.next));
      setManifestHeaders(reply, queries, head);
      return sendTagged(request, reply, {
        items: page.items.map((commit) => ({
          cursor: commit.cursor,
          revision: revisionOf(commit.cursor),
          committedAt: new Date(commit.committedAt).toISOString(),
          by: commit.by,
          ...(commit.principal !== undefined && { principal: commit.principal }),
          origin: commit.origin,
          compositors: commit.patch.compositors.size,
          tiles: commit.patch.tiles.size,
          regions: commit.patch.regions.size,
          ...(cell !== undefined && tilesOf(commit, cell)),
        })),
        next: page.next ?? null,
      });
    },
  );
};
