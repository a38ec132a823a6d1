import { Type } from '@sinclair/typebox';
import { cellOf } from '../domain/tile.ts';
import { limit, viewOf, viewQuery } from './parameters.ts';
import { closed, printable, ref } from './schemas/fields.ts';
import { FoundSchema } from './schemas/found.ts';
import { manifestReply } from './schemas/replies.ts';
import { CELL } from './schemas/tile.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const Query = Type.Object(
  {
    brick: printable(1, 255, {
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
    ...viewQuery,
  },
  closed,
);

/** `/manifest/search`: where a brick is. */
export const searchRoutes: Routes<'queries' | 'finder'> = async (server, { queries, finder }) => {
  server.get(
    '/manifest/search',
    {
      config: { scope: 'read', errors: ['store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'searchBricks',
        summary: 'Find bricks by name',
        description:
          'Tiles whose brick has the text in its name: first those whose names begin with it, and of each kind the nearest first. All of the answer is of one cursor.',
        querystring: Query,
        response: manifestReply('The tiles that were found.', ref(FoundSchema)),
      },
    },
    async (request, reply) => {
      const { brick, near = '0,0', limit = 100 } = request.query;
      const abort = new AbortController();
      // A client that closed the connection needs no answer: others wait for their search.
      reply.raw.once('close', () => abort.abort());
      const query = { text: brick, near: cellOf(near), view: viewOf(request.query), limit };
      const { cursor, hits, total } = await finder.find(query, abort.signal);
      setManifestHeaders(reply, queries, cursor).header('cache-control', 'no-store');
      return reply.send({ cursor, items: hits.map(({ key, tile }) => ({ cell: key, ...tile })), total });
    },
  );
};
