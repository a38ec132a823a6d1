import { Type } from '@sinclair/typebox';
import { invalid } from '../domain/errors.ts';
import { cellOf } from '../domain/tile.ts';
import { parseRect, type View } from '../domain/view.ts';
import { sendTaggedText } from '../plugins/conditional.ts';
import { SMALL_BODY } from './body-limits.ts';
import { keyHeader, keyOf } from './idempotency-key.ts';
import { encodePage } from './pages.ts';
import { FencedHeaders, limit, nextLink, pageOf, viewOf, viewQuery, writerOf } from './parameters.ts';
import { closed, generation, ref } from './schemas/fields.ts';
import {
  RegionDetailSchema,
  regionId,
  RegionRenewalSchema,
  ReservationReply,
  ReservationSchema,
} from './schemas/region.ts';
import { HOLDER_ERRORS, json, manifestReplies, manifestReply, WriteReply } from './schemas/replies.ts';
import { CELL } from './schemas/tile.ts';
import { setManifestHeaders, type Routes } from './services.ts';

const RegionParams = Type.Object({ id: regionId() });

const ReservationHeaders = Type.Object({
  ...FencedHeaders.properties,
  'Idempotency-Key': keyHeader(
    'A repeat of the same request with the same key gets the region of the first, on every replica, for as long as that lasts.',
  ),
});

const RegionHeaders = Type.Object({
  'Lease-Generation': Type.Optional(
    generation({
      description:
        'The generation of the lease of the region, or that of its compositor from the registration reply. Without it, the write is not fenced.',
    }),
  ),
});

const ListQuery = Type.Object(
  {
    ...viewQuery,
    point: Type.Optional(
      Type.String({ ...CELL, description: 'Only regions that have this cell, `x,y`.', examples: ['3,-4'] }),
    ),
    limit,
    after: Type.Optional(regionId({ description: 'Continue after this id: `next` of the previous page.' })),
  },
  closed,
);

/** `/regions`: rectangles that compositors hold. */
export const regionRoutes: Routes<'regions' | 'queries' | 'work' | 'about'> = async (
  server,
  { regions, queries, work, about },
) => {
  server.post(
    '/regions',
    {
      bodyLimit: SMALL_BODY,
      config: {
        scope: 'write',
        findsCompositor: true,
        errors: [...HOLDER_ERRORS, 'region-taken', 'quota-exceeded'],
      },
      schema: {
        operationId: 'reserveRegion',
        summary: 'Reserve a region for a compositor',
        description:
          'Two regions of different compositors may touch only if neither is exclusive. In an exclusive one no other compositor may write tiles. It ends with its lease, or with its compositor.',
        headers: ReservationHeaders,
        body: ref(ReservationSchema),
        response: {
          ...json('Reserved before, by a request with the same key.', ReservationReply, [
            'Location',
            'Manifest-Cursor',
            'Idempotent-Replayed',
          ]),
          ...json('Reserved.', ReservationReply, ['Location', 'Manifest-Cursor'], 201),
        },
      },
    },
    async (request, reply) => {
      const { rect, ...wanted } = request.body;
      const reservation = { ...wanted, rect: parseRect(rect)! };
      const made = await regions.reserve(reservation, writerOf(request), keyOf(request.headers));
      const { replayed, ...written } = made;
      if (replayed) reply.header('idempotent-replayed', 'true');
      return setManifestHeaders(reply, queries, written.cursor)
        .code(replayed ? 200 : 201)
        .header('location', `${about.base}/regions/${written.region.id}`)
        .send({ id: written.region.id, ...written });
    },
  );

  server.get(
    '/regions',
    {
      config: { scope: 'read', errors: ['store-unavailable'] },
      schema: {
        operationId: 'listRegions',
        summary: 'List regions',
        description:
          'Sorted by id: all, those that touch `view`, or those that have the cell `point`; with `compositor`, those of these compositors.',
        querystring: ListQuery,
        response: manifestReplies('A page of regions.', pageOf(ref(RegionDetailSchema)), ['Link']),
      },
    },
    async (request, reply) => {
      await work.slice();
      const { cursor } = queries.now();
      const { limit = 100, after, point, ...rest } = request.query;
      if (point !== undefined && rest.view !== undefined)
        throw invalid('query', 'point', 'may not be given together with view');
      const found = regions.list({ ...viewOf(rest), ...at(point) }, after);
      const { text, next } = encodePage(
        found,
        limit,
        (region) => region,
        ({ id }) => id,
      );
      if (next !== undefined) reply.header('link', nextLink(about.base, request.url, next));
      setManifestHeaders(reply, queries, cursor);
      return sendTaggedText(request, reply, text);
    },
  );

  server.get(
    '/regions/:id',
    {
      config: { scope: 'read', errors: ['not-found', 'store-unavailable'] },
      schema: {
        operationId: 'getRegion',
        summary: 'Read one region, with its lease',
        description: 'Its id is in the reply to its reservation, and in `GET /regions`.',
        params: RegionParams,
        response: manifestReply('The region.', ref(RegionDetailSchema)),
      },
    },
    async (request, reply) => {
      const { cursor } = queries.now();
      const region = await regions.find(request.params.id);
      const lease = regions.lease(region.id, region);
      // Leases change without a commit, so a cache could not tell.
      setManifestHeaders(reply, queries, cursor).header('cache-control', 'no-store');
      return reply.send({ ...region, lease });
    },
  );

  server.put(
    '/regions/:id/lease',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'write', findsCompositor: true, errors: HOLDER_ERRORS },
      schema: {
        operationId: 'renewRegion',
        summary: 'Renew the lease of a region',
        description: 'Makes no commit, and takes no body. 404: the region has ended, so reserve it again.',
        params: RegionParams,
        headers: RegionHeaders,
        response: json('Renewed.', RegionRenewalSchema, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const renewed = await regions.renew(request.params.id, writerOf(request));
      return setManifestHeaders(reply, queries, renewed.cursor).send(renewed);
    },
  );

  server.delete(
    '/regions/:id',
    {
      config: { scope: 'write', findsCompositor: true, errors: HOLDER_ERRORS },
      schema: {
        operationId: 'releaseRegion',
        summary: 'Release a region',
        description: 'From then on anybody may write tiles and reserve regions there. Its tiles stay.',
        params: RegionParams,
        headers: RegionHeaders,
        response: json('Released.', WriteReply, ['Manifest-Cursor']),
      },
    },
    async (request, reply) => {
      const written = await regions.release(request.params.id, writerOf(request));
      return setManifestHeaders(reply, queries, written.cursor).send(written);
    },
  );
};

function at(point: string | undefined): Pick<View, 'rect'> {
  if (point === undefined) return {};
  const { x, y } = cellOf(point);
  return { rect: { x1: x, y1: y, x2: x, y2: y } };
}
