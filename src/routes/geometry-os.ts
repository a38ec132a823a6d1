import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../domain/errors.ts';
import type { ManifestAt } from '../domain/manifest-at.ts';
import { chunkRect, MOST_CELLS, onPlane } from '../domain/shell-area.ts';
import { cellOf } from '../domain/tile.ts';
import { WHOLE, type Rect } from '../domain/view.ts';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { sendNotModified } from '../plugins/conditional.ts';
import { manifestEtag } from '../services/manifest/manifest-head.ts';
import { brickRoutes } from './bricks.ts';
import { ref } from './schemas/fields.ts';
import {
  AreaQuery,
  CellsSchema,
  ChunkQuery,
  ChunkSchema,
  ScanQuery,
  ScanSchema,
} from './schemas/geometry-os.ts';
import { manifestReplies, manifestReply } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

/** Of the form of chunks. */
const VERSION = '1.0';

/** What the programs of Geometry OS request (docs/geometry-os.md), unless the setting `geometryOs` says off. */
export const geometryOsRoutes: Routes<
  'about' | 'queries' | 'documents' | 'finder' | 'pictures' | 'fileStreams'
> = async (server, services) => {
  if (!services.about.geometryOs) return;
  void server.register(shellRoutes, services);
  void server.register(brickRoutes, services);
};

/** `/api/*`: the map as the web shell reads it, in pieces. */
const shellRoutes: Routes<'queries' | 'documents' | 'finder'> = async (
  server,
  { queries, documents, finder },
) => {
  server.get(
    '/api/chunk',
    {
      config: { scope: 'read', errors: ['store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'getChunk',
        summary: 'Read a chunk, as ChunkManager does',
        description: 'A chunk is a square of `size` x `size` cells; x and y count chunks.',
        querystring: ChunkQuery,
        response: manifestReplies('The tiles of the chunk.', ref(ChunkSchema)),
      },
    },
    (request, reply) => {
      const { x, y, size = 16 } = request.query;
      const rect = chunkRect({ x, y, size });
      if (!rect)
        throw invalid('query', Math.abs(x) > Math.abs(y) ? 'x' : 'y', 'is beyond the end of the plane');
      return send(request, reply, rect, { chunkX: x, chunkY: y });
    },
  );

  server.get(
    '/api/region',
    {
      config: { scope: 'read', errors: ['store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'getCells',
        summary: 'Read a rectangle, as RegionLoader does',
        description: 'All numbers count cells. What is beyond the end of the plane is empty.',
        querystring: AreaQuery,
        response: manifestReplies('The tiles of the rectangle.', ref(CellsSchema)),
      },
    },
    (request, reply) => {
      const { x, y, w, h } = request.query;
      if (w * h > MOST_CELLS) throw invalid('query', 'w', `w x h must be at most ${MOST_CELLS} cells`);
      // Its first cell is on the plane.
      const rect = onPlane({ x1: x, y1: y, x2: x + w - 1, y2: y + h - 1 })!;
      return send(request, reply, rect, { x, y, w, h });
    },
  );

  server.get(
    '/api/scan',
    {
      config: { scope: 'read', errors: ['store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'scanTiles',
        summary: 'List tiles, the nearest first',
        description:
          'Sorted by their distance from `near`; of two that are as far the lesser name of the cell comes first.',
        querystring: ScanQuery,
        response: manifestReply('The tiles.', ref(ScanSchema)),
      },
    },
    async (request, reply) => {
      const { near = '0,0', limit = 1000 } = request.query;
      // Every name has the empty text.
      const query = { text: '', near: cellOf(near), view: WHOLE, limit };
      const { cursor, hits, total } = await finder.find(query, () => queries.now(), whileOpen(reply));
      setManifestHeaders(reply, queries, cursor).header('cache-control', 'no-store');
      const poi = hits.map(({ key, tile }) => ({ ...cellOf(key), brick: tile.brick, is_focused: false }));
      return reply.send({ poi, total });
    },
  );

  function send(request: FastifyRequest, reply: FastifyReply, rect: Rect, names: object): FastifyReply {
    const manifest = queries.now();
    setManifestHeaders(reply, queries, manifest.cursor).header('cache-control', 'no-cache');
    if (sendNotModified(request, reply, manifestEtag(manifest, { rect }))) return reply;
    const { body } = documents.shellTiles(manifest, rect, around(manifest, names));
    return sendJsonBody(reply, body);
  }
};

/** What stands before the tiles, and behind them. The same at the same cursor, as its ETag says. */
function around({ committedAt }: ManifestAt, names: object): { before: string; after: string } {
  const metadata = { generated_at: Math.floor(committedAt / 1000), version: VERSION };
  return {
    before: `${JSON.stringify(names).slice(0, -1)},"tiles":{`,
    after: `},"metadata":${JSON.stringify(metadata)}}\n`,
  };
}
