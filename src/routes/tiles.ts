import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { parseRect } from '../domain/view.ts';
import { sendTagged } from '../plugins/conditional.ts';
import { requireCompositor } from './compositors.ts';
import { closed, FencedHeaders, generationOf, IdParams, NoQuery, viewOf } from './parameters.ts';
import { ref } from './schemas/ref.ts';
import { WrittenReply } from './schemas/written.ts';
import { empty, json, replies, HOLDER_PROBLEMS } from './schemas/replies.ts';
import { rectangle } from './schemas/text.ts';
import { OwnTilesSchema, TilePatchSchema, TileSetSchema } from './schemas/tile.ts';
import { setManifestHeaders, type Services } from './services.ts';

const RectQuery = Type.Object({ view: Type.Optional(rectangle()) }, closed);
const tags = ['tiles'];

/** `/compositors/{id}/tiles`: what a compositor publishes. */
export const tileRoutes: FastifyPluginCallbackTypebox<Services> = (server, services, done) => {
  const { registry, publisher, queries } = services;

  server.get(
    '/compositors/:id/tiles',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getTiles',
        summary: 'Read the tiles of a compositor',
        description: 'In the form that `PUT` takes.',
        tags,
        querystring: RectQuery,
        params: IdParams,
        response: replies(
          {
            200: json('Its tiles by cell.', ref(OwnTilesSchema), [
              'ETag',
              'Manifest-Cursor',
              'Manifest-Degraded',
            ]),
            304: empty('Not changed since `If-None-Match`.', ['ETag', 'Manifest-Cursor']),
          },
          'invalid-request',
          'not-found',
          'store-unavailable',
        ),
      },
    },
    async (request, reply) => {
      const moment = queries.now();
      const { id } = requireCompositor(registry, request.params.id);
      const tiles = moment.tiles(viewOf({ ...request.query, compositor: [id] }));
      setManifestHeaders(reply, queries, moment.cursor);
      const entries = [...tiles].map(([key, { brick, timestamp }]) => [key, { brick, timestamp }] as const);
      return sendTagged(request, reply, Object.fromEntries(entries));
    },
  );

  server.patch(
    '/compositors/:id/tiles',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'patchTiles',
        summary: 'Change tiles',
        description:
          "One request is one commit. null removes a tile. A tile of another compositor is taken over only with a newer `timestamp`. Every write renews the holder's lease.",
        tags,
        consumes: ['application/json', 'application/merge-patch+json'],
        querystring: NoQuery,
        params: IdParams,
        headers: FencedHeaders,
        body: ref(TilePatchSchema),
        response: replies(
          { 200: json('Done.', WrittenReply, ['Manifest-Cursor']) },
          ...HOLDER_PROBLEMS,
          'tile-taken',
        ),
      },
    },
    async (request, reply) => {
      const writes = new Map(Object.entries(request.body));
      const written = await publisher.patch(request.params.id, writes, generationOf(request.headers));
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );

  server.put(
    '/compositors/:id/tiles',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'putTiles',
        summary: 'Make exactly these the tiles of a compositor',
        description: 'With `view`, of those within that rectangle. Only what differs is committed.',
        tags,
        querystring: RectQuery,
        params: IdParams,
        headers: FencedHeaders,
        body: ref(TileSetSchema),
        response: replies(
          { 200: json('Done.', WrittenReply, ['Manifest-Cursor']) },
          ...HOLDER_PROBLEMS,
          'tile-taken',
        ),
      },
    },
    async (request, reply) => {
      const { view } = request.query;
      const written = await publisher.put(
        request.params.id,
        new Map(Object.entries(request.body)),
        view === undefined ? undefined : parseRect(view),
        generationOf(request.headers),
      );
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );
  done();
};
