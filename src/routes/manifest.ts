import { Type, type Static } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { isFresh } from '../plugins/conditional.ts';
import type { Document } from '../services/manifest/latest-document.ts';
import { manifestEtag } from '../services/manifest/manifest-head.ts';
import { overviewQuery, viewOf } from './parameters.ts';
import {
  onlyOne,
  POSITION_ERRORS,
  positionOf,
  positionQuery,
  presentPosition,
  type Position,
} from './position.ts';
import { closed, ref } from './schemas/fields.ts';
import { ManifestSchema } from './schemas/manifest.ts';
import { OverviewSchema } from './schemas/overview.ts';
import { empty, manifestReplies } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

const Query = Type.Object(
  {
    ...overviewQuery,
    ...positionQuery,
    revision: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Redirects to `at` the cursor with this number.',
        examples: [1042],
      }),
    ),
  },
  closed,
);

/** `/manifest`: the map at one cursor. */
export const manifestRoutes: Routes<'queries' | 'documents' | 'about' | 'tokens'> = async (
  server,
  { queries, documents, about, tokens },
) => {
  server.get(
    '/manifest',
    {
      config: { scope: 'read', errors: ['not-found', ...POSITION_ERRORS, 'overloaded'] },
      schema: {
        operationId: 'getManifest',
        summary: 'Read the manifest',
        description:
          'Whole, or the part in view; as it is, or as it was. At most one of `at`, `atLeast` and `revision`. With `zoom` the reply is an `Overview`, with at most 10,000 areas; of the past it takes the longer, the more places have changed since.',
        querystring: Query,
        response: {
          ...manifestReplies(
            'The manifest; with `zoom` an overview of it.',
            Type.Union([ref(ManifestSchema), ref(OverviewSchema)]),
          ),
          ...empty(302, '`revision`: it is at this cursor.', ['Location']),
        },
      },
    },
    (request, reply) => {
      const { at, atLeast, revision } = request.query;
      // Nearly all requests are for the present manifest: mostly it is answered without a promise.
      if (at === undefined && atLeast === undefined && revision === undefined)
        return send(request, reply, presentPosition(queries));
      return sendAnother(request, reply);
    },
  );

  type Request = FastifyRequest<{ Querystring: Static<typeof Query> }>;

  /** Sends at once what is there or small; else returns a promise. */
  function send(
    request: Request,
    reply: FastifyReply,
    { manifest, isPresent, caching }: Position,
  ): Promise<FastifyReply> | undefined {
    const view = viewOf(request.query);
    const etag = manifestEtag(manifest, view);
    reply.header('cache-control', caching);
    if (isFresh(request.headers['if-none-match'], etag)) {
      void setManifestHeaders(reply, queries, manifest.cursor).header('etag', etag).code(304).send();
      return undefined;
    }
    if (view.zoom !== undefined) {
      const made = isPresent
        ? documents.overview(view, whileOpen(reply))
        : documents.pastOverview(manifest.cursor, view, whileOpen(reply));
      return made.then((document) => sendDocument(reply, document));
    }
    const document = documents.manifest(manifest, view, isPresent);
    if (!document)
      return documents.large(manifest, view, isPresent).then((made) => sendDocument(reply, made));
    void sendDocument(reply, document);
    return undefined;
  }

  function sendDocument(reply: FastifyReply, { cursor, etag, body }: Document): FastifyReply {
    return sendJsonBody(setManifestHeaders(reply, queries, cursor).header('etag', etag), body);
  }

  async function sendAnother(request: Request, reply: FastifyReply): Promise<FastifyReply> {
    const { at, atLeast, revision } = request.query;
    onlyOne({ at, atLeast, revision });
    if (revision !== undefined) {
      const found = await queries.cursorOf(revision);
      const search = new URL(request.url, 'http://localhost').searchParams;
      search.delete('revision');
      search.set('at', found);
      return reply
        .header('cache-control', 'no-store')
        .redirect(`${about.base}/manifest?${search.toString().replaceAll('%2C', ',')}`, 302);
    }
    await send(request, reply, await positionOf(request.query, { queries, tokens }));
    return reply;
  }
};
