import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isFresh } from '../plugins/conditional.ts';
import { ref } from './schemas/ref.ts';
import { empty, json, replies } from './schemas/replies.ts';
import { OwnTilesSchema } from './schemas/tile.ts';
import { setManifestHeaders, type Services } from './services.ts';

/** InfiniteMap's file, at our path and at the path where InfiniteMap looks by default. */
export const tileFileRoutes: FastifyPluginCallbackTypebox<Services> = (server, services, done) => {
  const { queries, documents } = services;
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const manifest = queries.now();
    const etag = `"${manifest.cursor}"`;
    setManifestHeaders(reply, queries, manifest.cursor)
      .header('etag', etag)
      .header('cache-control', 'no-cache');
    if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(documents.tileFile(manifest).body);
  };
  // No schema for the query: InfiniteMap adds the time to the URL, to get past caches.
  const schema = {
    tags: ['manifest'],
    description: 'Exactly the file that InfiniteMap polls. Any query is ignored.',
    response: replies(
      {
        200: json('All tiles by cell, without their owners.', ref(OwnTilesSchema), [
          'ETag',
          'Manifest-Cursor',
          'Manifest-Degraded',
        ]),
        304: empty('Not changed since `If-None-Match`.', ['ETag', 'Manifest-Cursor']),
      },
      'store-unavailable',
    ),
  };
  server.get(
    '/manifest/tiles',
    {
      config: { scope: 'read' },
      schema: { ...schema, operationId: 'getTileFile', summary: "Read InfiniteMap's file" },
    },
    handler,
  );
  server.get(
    '/builder/map/manifest.json',
    {
      config: { scope: 'read' },
      schema: {
        ...schema,
        operationId: 'getTileFileAtItsOldPath',
        summary: "Read InfiniteMap's file where it looks for it",
      },
    },
    handler,
  );
  done();
};
