import { Type, type TSchema } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { Writer } from '../domain/holder.ts';
import { MAX_ZOOM } from '../domain/area.ts';
import { overviewOf, parseRect, WHOLE, type View } from '../domain/view.ts';
import { closed, compositorId, generation, rectangle } from './schemas/fields.ts';

/** The query of routes that name none: every parameter is an error. */
export const NoQuery = Type.Object({}, closed);
/** The query of routes that ignore it. */
export const AnyQuery = Type.Object({});
export const IdParams = Type.Object({ id: compositorId() });

/** Headers of writes; all other headers are accepted as well. */
export const FencedHeaders = Type.Object({
  'Lease-Generation': Type.Optional(
    generation({
      description: 'The generation from the registration reply. Without it, the write is not fenced.',
    }),
  ),
});

/** Reads the header in lower case, as Node provides it. */
export function generationOf(headers: Record<string, unknown>): string | undefined {
  return headers['lease-generation'] as string | undefined;
}

/** Whose token a write has, and which registration it speaks for. */
export function writerOf({ headers, principal }: FastifyRequest): Writer {
  return { generation: generationOf(headers), principal };
}

export const viewQuery = {
  view: Type.Optional(rectangle()),
  compositor: Type.Optional(
    Type.Array(compositorId(), {
      maxItems: 64,
      description: 'Only these compositors and their tiles. Repeatable.',
      examples: [['wall']],
    }),
  ),
};

/** The same for routes that know overviews. */
export const overviewQuery = {
  ...viewQuery,
  zoom: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_ZOOM,
      default: 0,
      description:
        'An overview: instead of tiles, areas of 2^zoom x 2^zoom cells, each with the number of its tiles, their owners and the newest timestamp. All areas that touch `view` are sent, and count all their tiles; with `compositor`, those of these compositors. 0: tiles.',
      examples: [0],
    }),
  ),
};

export function viewOf(query: { view?: string; compositor?: string[]; zoom?: number }): View {
  const { zoom = 0 } = query;
  if (query.view === undefined && query.compositor === undefined) return overviewOf(WHOLE, zoom);
  const rect = query.view === undefined ? undefined : parseRect(query.view);
  const compositors = query.compositor && new Set(query.compositor);
  return overviewOf({ ...(rect && { rect }), ...(compositors && { compositors }) }, zoom);
}

export const limit = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 100,
    description: 'Maximum number of items.',
    examples: [100],
  }),
);

/** A page of items, and the value of `after` for the next one. */
export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: '`after` for the next page; null on the last page.',
    }),
  });

/** The `Link` header for the page after the one at `url`, with the same filters. */
export function nextLink(base: string, url: string, after: string): string {
  const here = new URL(url, 'http://localhost');
  here.searchParams.set('after', after);
  const path = base !== '' && !here.pathname.startsWith(base) ? base + here.pathname : here.pathname;
  return `<${path}${here.search}>; rel="next"`;
}
