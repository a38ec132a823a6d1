import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { isFresh } from '../plugins/conditional.ts';
import { AnyQuery } from './parameters.ts';
import { ref } from './schemas/fields.ts';
import { manifestReplies } from './schemas/replies.ts';
import { OwnTilesSchema } from './schemas/tile.ts';
import { setManifestHeaders, type Routes } from './services.ts';

/** InfiniteMap's file, at our path and at the path where InfiniteMap looks by default. */
export const tileFileRoutes: Routes<'queries' | 'documents'> = async (server, { queries, documents }) => {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('cache-control', 'no-cache');
    const { cursor } = queries.now();
    const known = `"${cursor}"`;
    if (isFresh(request.headers['if-none-match'], known))
      return setManifestHeaders(reply, queries, cursor).header('etag', known).code(304).send();
    const made = await documents.tileFile();
    setManifestHeaders(reply, queries, made.cursor).header('etag', made.etag);
    return sendJsonBody(reply, made.body);
  };
  const schema = {
    description: 'Exactly the file that InfiniteMap polls. Any query is ignored.',
    // InfiniteMap adds the time to the URL, to get past caches.
    querystring: AnyQuery,
    response: manifestReplies('All tiles by cell, without their owners.', ref(OwnTilesSchema)),
  };
  const add = (url: string, operationId: string, summary: string) =>
    server.get(
      url,
      {
        config: { scope: 'read', errors: ['store-unavailable'] },
        schema: { ...schema, operationId, summary },
      },
      handler,
    );
  add('/manifest/tiles', 'getTileFile', "Read InfiniteMap's file");
  add(
    '/builder/map/manifest.json',
    'getTileFileAtItsOldPath',
    "Read InfiniteMap's file where it looks for it",
  );
};
