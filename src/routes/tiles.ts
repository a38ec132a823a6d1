import { Type } from '@sinclair/typebox';
import { parseRect } from '../domain/view.ts';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { sendNotModified, sendTagged } from '../plugins/conditional.ts';
import { manifestEtag } from '../services/manifest/manifest-head.ts';
import { LARGE_BODY, TILE_FIELDS } from './body-limits.ts';
import { FencedHeaders, IdParams, viewOf, writerOf } from './parameters.ts';
import { closed, rectangle, ref } from './schemas/fields.ts';
import { HOLDER_ERRORS, json, manifestReplies, WriteReply } from './schemas/replies.ts';
import { MAX_TILES, OwnTilesSchema, TilePatchSchema, TileSetSchema } from './schemas/tile.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const RectQuery = Type.Object({ view: Type.Optional(rectangle()) }, closed);

/** The tile of the tour. It removes nothing, unlike those of the schemas, which show all that may be said. */
const EXAMPLE = { '3,-4': { brick: 'wall.rts.png' } };

/** `/compositors/{id}/tiles`: the tiles of one compositor. */
export const tileRoutes: Routes<'registry' | 'publisher' | 'queries' | 'documents'> = async (
  server,
  { registry, publisher, queries, documents },
) => {
  server.get(
    '/compositors/:id/tiles',
    {
      config: { scope: 'read', errors: ['not-found', 'store-unavailable'] },
      schema: {
        operationId: 'getTiles',
        summary: 'Read the tiles of a compositor',
        description: 'The reply has the form that `PUT` accepts.',
        querystring: RectQuery,
        params: IdParams,
        response: manifestReplies('The tiles by cell.', ref(OwnTilesSchema)),
      },
    },
    async (request, reply) => {
      const manifest = queries.now();
      const { id } = registry.require(request.params.id);
      const view = viewOf({ ...request.query, compositor: [id] });
      setManifestHeaders(reply, queries, manifest.cursor);
      const pieces = documents.tilesOf(manifest, view);
      if (pieces) {
        // Its hash would be known only at its end.
        const etag = manifestEtag(manifest, view).replace(/"$/, '/tiles"');
        reply.header('cache-control', 'no-cache');
        if (sendNotModified(request, reply, etag)) return reply;
        return sendJsonBody(reply, pieces);
      }
      const tiles = manifest.tiles(view);
      const entries = [...tiles].map(([key, { brick, timestamp }]) => [key, { brick, timestamp }] as const);
      return sendTagged(request, reply, Object.fromEntries(entries));
    },
  );

  server.patch(
    '/compositors/:id/tiles',
    {
      bodyLimit: LARGE_BODY,
      config: {
        scope: 'write',
        errors: [...HOLDER_ERRORS, 'tile-taken', 'region-taken', 'quota-exceeded'],
        bodyFields: TILE_FIELDS,
        bodyEntries: MAX_TILES,
      },
      schema: {
        operationId: 'patchTiles',
        summary: 'Change tiles',
        description:
          'One request is one commit. null removes a tile. Taking over a tile of another compositor requires a newer `timestamp`. Every write of the lease holder renews its lease.',
        consumes: ['application/json', 'application/merge-patch+json'],
        params: IdParams,
        headers: FencedHeaders,
        body: ref(TilePatchSchema),
        'x-body-example': EXAMPLE,
        response: json('Done.', WriteReply, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const writes = new Map(Object.entries(request.body));
      const written = await publisher.patch(request.params.id, writes, writerOf(request));
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );

  server.put(
    '/compositors/:id/tiles',
    {
      bodyLimit: LARGE_BODY,
      config: {
        scope: 'write',
        errors: [...HOLDER_ERRORS, 'tile-taken', 'region-taken', 'quota-exceeded'],
        bodyFields: TILE_FIELDS,
        bodyEntries: MAX_TILES,
      },
      schema: {
        operationId: 'putTiles',
        summary: 'Replace the tiles of a compositor',
        description:
          'Afterwards the compositor owns exactly these tiles. With `view`, only tiles within that rectangle are replaced. Only differences are committed. At most 10,000 tiles that the request does not name may go at once.',
        querystring: RectQuery,
        params: IdParams,
        headers: FencedHeaders,
        body: ref(TileSetSchema),
        'x-body-example': EXAMPLE,
        response: json('Done.', WriteReply, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const { view } = request.query;
      const written = await publisher.put(
        request.params.id,
        new Map(Object.entries(request.body)),
        view === undefined ? undefined : parseRect(view),
        writerOf(request),
      );
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );
};
