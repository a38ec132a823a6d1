import { Type } from '@sinclair/typebox';
import { component, cursor, nullableInstant, ref } from './fields.ts';
import { byCell } from './tile.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [3] });

export const DifferencesSchema = component('Differences', 'How many cells differ between two moments.', {
  added: count('Cells that had no tile before.'),
  changed: count('Cells with another tile.'),
  removed: count('Cells that have no tile any more.'),
});

export const AreaDifferencesSchema = byCell<unknown>(
  'AreaDifferences',
  'Differences by area, `"ax,ay"`: the area has the cells ax * 2^zoom to ax * 2^zoom + 2^zoom - 1, and so on. Those without any are left out.',
  {
    additionalProperties: ref(DifferencesSchema),
    examples: [{ '0,-1': { added: 3, changed: 0, removed: 1 } }],
  },
);

export const OwnerDifferencesSchema = Type.Unsafe<Record<string, unknown>>({
  $id: 'OwnerDifferences',
  type: 'object',
  description:
    'Differences by compositor: tiles that were removed count for their owner before, others for the one after.',
  additionalProperties: ref(DifferencesSchema),
  examples: [{ wall: { added: 3, changed: 0, removed: 1 } }],
});

export const ComparisonSchema = component('Comparison', 'What differs between two cursors.', {
  since: cursor({ description: 'The cursor before.' }),
  cursor: cursor({ description: 'The cursor after.' }),
  time: nullableInstant({
    description: 'When the commit of `cursor` was made; null before the first commit.',
  }),
  zoom: Type.Integer({
    minimum: 0,
    maximum: 16,
    description: 'Of the areas; larger than requested when more than 10,000 areas would differ.',
    examples: [0],
  }),
  total: ref(DifferencesSchema),
  compositors: ref(OwnerDifferencesSchema),
  areas: ref(AreaDifferencesSchema),
});
