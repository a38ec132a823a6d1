import { Type } from '@sinclair/typebox';
import { invalid } from '../domain/errors.ts';
import { parseCursor, type Cursor } from '../domain/cursor.ts';
import { parseRect, WHOLE, type View } from '../domain/view.ts';
import { compositorId, generation, rectangle } from './schemas/text.ts';

/** A query is closed: a parameter that nobody knows is a typing slip, and ignoring it would show the wrong thing. */
export const closed = { additionalProperties: false } as const;

export const NoQuery = Type.Object({}, closed);
export const IdParams = Type.Object({ id: compositorId() });

/** Headers of writes. Others are let through. */
export const FencedHeaders = Type.Object({
  'Lease-Generation': Type.Optional(
    generation({
      description: 'The generation that the registration gave; without it the write is not fenced.',
    }),
  ),
});

/** How handlers find it: Node knows headers in lower case only. */
export function generationOf(headers: Record<string, unknown>): string | undefined {
  return headers['lease-generation'] as string | undefined;
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

export function viewOf(query: { view?: string; compositor?: string[] }): View {
  if (query.view === undefined && query.compositor === undefined) return WHOLE;
  const rect = query.view === undefined ? undefined : parseRect(query.view);
  return { ...(rect && { rect }), ...(query.compositor && { compositors: new Set(query.compositor) }) };
}

/** The cursor in a parameter whose schema has checked it. */
export function cursorOf(field: string, text: string): Cursor {
  const cursor = parseCursor(text);
  if (cursor === undefined) throw invalid('query', field, 'is no cursor');
  return cursor;
}

export const limit = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 100,
    description: 'At most so many items.',
    examples: [100],
  }),
);
