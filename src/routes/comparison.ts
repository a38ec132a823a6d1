import { Type } from '@sinclair/typebox';
import { MAX_ZOOM } from '../domain/area.ts';
import { instant } from '../services/manifest/manifest-head.ts';
import { viewOf, viewQuery } from './parameters.ts';
import { immutable } from './position.ts';
import { ComparisonSchema } from './schemas/comparison.ts';
import { closed, cursor, ref } from './schemas/fields.ts';
import { manifestReply } from './schemas/replies.ts';
import { setManifestHeaders, type Routes } from './services.ts';
import { whileOpen } from './while-open.ts';

/** Most areas in one reply, and most compositors and regions that are named: each may have a long name. */
const MOST_AREAS = 10_000;
const MOST_ENTRIES = 100;

const Query = Type.Object(
  {
    since: cursor({ description: 'The moment before.' }),
    to: Type.Optional(cursor({ description: 'The moment after; by default the newest.' })),
    ...viewQuery,
    zoom: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_ZOOM,
        default: 0,
        description:
          'The areas in which differences are counted have 2^zoom x 2^zoom cells, or more. 0: cells.',
        examples: [0],
      }),
    ),
  },
  closed,
);

/** `/manifest/comparison`: what differs between two moments. */
export const comparisonRoutes: Routes<'queries' | 'heavyReads' | 'tokens'> = async (
  server,
  { queries, heavyReads, tokens },
) => {
  server.get(
    '/manifest/comparison',
    {
      config: { scope: 'read', errors: ['cursor-gone', 'store-unavailable', 'overloaded'] },
      schema: {
        operationId: 'compareMoments',
        summary: 'Compare two moments',
        description:
          'Which cells in view have a tile that was not there before, another one, or none any more; how many, whose, and where. Which compositors were registered, changed or left, and which regions in view. However much differs, there are at most 10,000 areas, and 100 compositors and 100 regions are named.',
        querystring: Query,
        response: manifestReply('What differs.', ref(ComparisonSchema)),
      },
    },
    async (request, reply) => {
      const { since, to, zoom = 0 } = request.query;
      const view = viewOf({ ...request.query, zoom });
      const signal = whileOpen(reply);
      const { cursor, committedAt, comparison } = await heavyReads.run(
        () =>
          queries.comparison({
            ...{ since, to, view, zoom, signal },
            ...{ most: MOST_AREAS, mostEntries: MOST_ENTRIES },
          }),
        signal,
      );
      const caching = to === undefined ? 'no-store' : immutable(tokens);
      setManifestHeaders(reply, queries, cursor).header('cache-control', caching);
      return reply.send({
        since,
        cursor,
        time: instant(committedAt),
        zoom: comparison.zoom,
        total: comparison.total,
        compositors: Object.fromEntries(comparison.compositors),
        areas: Object.fromEntries(comparison.areas),
        fleet: {
          total: comparison.fleet.total,
          items: comparison.fleet.items.map(({ id, kind, entry, fields }) => ({
            ...{ id, change: kind, name: entry.name },
            ...(kind === 'changed' && { fields }),
          })),
        },
        regions: {
          total: comparison.regions.total,
          items: comparison.regions.items.map(({ id, kind, entry, fields }) => ({
            ...{ id, change: kind, rect: entry.rect, compositor: entry.compositor, purpose: entry.purpose },
            ...(kind === 'changed' && { fields }),
          })),
        },
      });
    },
  );
};
