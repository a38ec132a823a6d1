import { Type, type Static } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { isAllowed } from '../domain/token.ts';
import type { ManifestAt } from '../domain/manifest-at.ts';
import { sendJsonBody } from '../plugins/body-pieces.ts';
import { isFresh } from '../plugins/conditional.ts';
import type { Document } from '../services/manifest/latest-document.ts';
import { manifestEtag } from '../services/manifest/manifest-head.ts';
import { overviewQuery, viewOf } from './parameters.ts';
import { closed, cursor, ref } from './schemas/fields.ts';
import { ManifestSchema } from './schemas/manifest.ts';
import { OverviewSchema } from './schemas/overview.ts';
import { empty, manifestReplies } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const Query = Type.Object(
  {
    ...overviewQuery,
    at: Type.Optional(cursor({ description: 'As it was at this cursor; immutable.' })),
    atLeast: Type.Optional(
      cursor({ description: 'Not older than this cursor; waits up to 2 s for it to arrive.' }),
    ),
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

const IMMUTABLE = 'max-age=31536000, immutable';

/** `/manifest`: the map at one cursor. */
export const manifestRoutes: Routes<'queries' | 'documents' | 'about' | 'tokens'> = async (
  server,
  { queries, documents, about, tokens },
) => {
  server.get(
    '/manifest',
    {
      config: { scope: 'read', errors: ['not-found', 'cursor-gone', 'store-unavailable', 'not-yet'] },
      schema: {
        operationId: 'getManifest',
        summary: 'Read the manifest',
        description:
          'Whole, or the part in view; as it is, or as it was. At most one of `at`, `atLeast` and `revision`. With `zoom` the reply is an `Overview`, of the present manifest only, with at most 10,000 areas.',
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
        return send(request, reply, queries.now(), { isPresent: true, caching: 'no-cache' });
      return sendAnother(request, reply);
    },
  );

  type Request = FastifyRequest<{ Querystring: Static<typeof Query> }>;

  /** Sends at once what is there or small; else returns a promise. */
  function send(
    request: Request,
    reply: FastifyReply,
    manifest: ManifestAt,
    { isPresent, caching }: { isPresent: boolean; caching: string },
  ): Promise<FastifyReply> | undefined {
    const view = viewOf(request.query);
    const etag = manifestEtag(manifest, view);
    reply.header('cache-control', caching);
    if (isFresh(request.headers['if-none-match'], etag)) {
      void setManifestHeaders(reply, queries, manifest.cursor).header('etag', etag).code(304).send();
      return undefined;
    }
    if (view.zoom !== undefined) return documents.overview(view).then((made) => sendDocument(reply, made));
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
    onlyOne(request.query);
    onlyNow(request.query);
    const { at, atLeast, revision } = request.query;
    if (revision !== undefined) {
      const found = await queries.cursorOf(revision);
      const search = new URL(request.url, 'http://localhost').searchParams;
      search.delete('revision');
      search.set('at', found);
      return reply
        .header('cache-control', 'no-store')
        .redirect(`${about.base}/manifest?${search.toString().replaceAll('%2C', ',')}`, 302);
    }
    if (at !== undefined) {
      // A reply that needs a token must not be in a shared cache.
      const shared = isAllowed(tokens.anonymous, { scope: 'read' }) ? 'public' : 'private';
      const past = await queries.at(at);
      await send(request, reply, past, { isPresent: false, caching: `${shared}, ${IMMUTABLE}` });
    } else if (atLeast !== undefined) {
      const manifest = await queries.atLeast(atLeast);
      await send(request, reply, manifest, { isPresent: true, caching: 'no-cache' });
    }
    return reply;
  }
};

function onlyOne(query: { at?: string; atLeast?: string; revision?: number }): void {
  const given = (['at', 'atLeast', 'revision'] as const).filter((name) => query[name] !== undefined);
  if (given.length < 2) return;
  throw new DomainError('invalid-request', `only one of ${given.join(', ')} may be given`, {
    errors: given.map((field) => ({ in: 'query', field, detail: 'is one too many' })),
  });
}

function onlyNow({ zoom, at, revision }: { zoom?: number; at?: string; revision?: number }): void {
  if (!zoom || (at === undefined && revision === undefined)) return;
  const detail = 'an overview is of the present manifest: leave out `at` and `revision`, or `zoom`';
  throw new DomainError('invalid-request', detail, { errors: [{ in: 'query', field: 'zoom', detail }] });
}
