import { Type } from '@sinclair/typebox';
import { cellOf } from '../domain/tile.ts';
import { limit, viewOf, viewQuery } from './parameters.ts';
import { immutable, positionQuery } from './position.ts';
import { closed, ref, sought } from './schemas/fields.ts';
import { FoundSchema } from './schemas/found.ts';
import { manifestReply } from './schemas/replies.ts';
import { CELL } from './schemas/tile.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

const Query = Type.Object(
  {
    brick: sought(255, {
      description: 'A part of the name of the brick, in whatever case.',
      examples: ['wall'],
    }),
    near: Type.Optional(
      Type.String({
        ...CELL,
        default: '0,0',
        description: 'The nearest to this cell come first.',
        examples: ['0,0'],
      }),
    ),
    limit,
    at: positionQuery.at,
    ...viewQuery,
  },
  closed,
);

/** `/manifest/search`: where a brick is. */
export const searchRoutes: Routes<'queries' | 'finder' | 'tokens'> = async (
  server,
  { queries, finder, tokens },
) => {
  server.get(
    '/manifest/search',
    {
      config: { scope: 'read', errors: ['cursor-gone', 'store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'searchBricks',
        summary: 'Find bricks by name',
        description:
          'Tiles whose brick has the text in its name: first those whose names begin with it, and of each kind the nearest first. All of the answer is of one cursor: the present one, or `at`.',
        querystring: Query,
        response: manifestReply('The tiles that were found.', ref(FoundSchema)),
      },
    },
    async (request, reply) => {
      const { brick, near = '0,0', limit = 100, at } = request.query;
      const query = { text: brick, near: cellOf(near), view: viewOf(request.query), limit };
      const manifest = () => (at === undefined ? queries.now() : queries.at(at));
      const { cursor, hits, total } = await finder.find(query, manifest, whileOpen(reply));
      const caching = at === undefined ? 'no-store' : immutable(tokens);
      setManifestHeaders(reply, queries, cursor).header('cache-control', caching);
      return reply.send({ cursor, items: hits.map(({ key, tile }) => ({ cell: key, ...tile })), total });
    },
  );
};
