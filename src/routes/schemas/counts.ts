import { Type } from '@sinclair/typebox';
import { component, ref } from './fields.ts';
import { POSITION_HEAD } from './manifest.ts';

export const TileCountsSchema = Type.Unsafe<Record<string, number>>({
  $id: 'TileCounts',
  type: 'object',
  description: 'How many tiles each compositor has in view; those without any are left out.',
  additionalProperties: { type: 'integer', minimum: 1 },
  examples: [{ wall: 57 }],
});

export const CountsSchema = component('Counts', 'How many tiles there are at one cursor, and whose.', {
  ...POSITION_HEAD,
  total: Type.Integer({ minimum: 0, description: 'All tiles in view.', examples: [57] }),
  compositors: ref(TileCountsSchema),
});
