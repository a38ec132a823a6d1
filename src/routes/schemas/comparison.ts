import { Type } from '@sinclair/typebox';
import { component, compositorId, cursor, nullableInstant, ref } from './fields.ts';
import { REGION_FIELDS, regionId } from './region.ts';
import { byCell } from './tile.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [3] });

export const DifferencesSchema = component(
  'Differences',
  'How many cells, compositors or regions differ between two moments.',
  {
    added: count('Those that were not there before: of cells, that had no tile.'),
    changed: count('Those that are not as they were.'),
    removed: count('Those that are not there any more.'),
  },
);

const change = Type.Unsafe<'added' | 'changed' | 'removed'>({
  type: 'string',
  enum: ['added', 'changed', 'removed'],
  description: 'What became of it.',
  examples: ['changed'],
});

const fields = Type.Optional(
  Type.Array(Type.String(), {
    description: 'The fields that differ; only of one that changed.',
    examples: [['status', 'staleAt']],
  }),
);

export const CompositorDifferenceSchema = component(
  'CompositorDifference',
  'A compositor that was registered, changed or left between two moments.',
  {
    id: compositorId({ description: 'Its id.' }),
    change,
    name: Type.String({ description: 'Its name, after or else before.', examples: ['The Wall'] }),
    fields,
  },
);

export const RegionDifferenceSchema = component(
  'RegionDifference',
  'A region that was reserved, changed or given up between two moments; its fields are those after, or else before.',
  {
    id: regionId(),
    change,
    rect: REGION_FIELDS.rect,
    compositor: REGION_FIELDS.compositor,
    purpose: REGION_FIELDS.purpose,
    fields,
  },
);

const items = 'At most the first 100: those added, changed, removed, each in the order of their ids.';

export const FleetDifferencesSchema = component('FleetDifferences', 'Which compositors differ.', {
  total: ref(DifferencesSchema),
  items: Type.Array(ref(CompositorDifferenceSchema), { description: items }),
});

export const RegionDifferencesSchema = component('RegionDifferences', 'Which regions in view differ.', {
  total: ref(DifferencesSchema),
  items: Type.Array(ref(RegionDifferenceSchema), { description: items }),
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
  fleet: ref(FleetDifferencesSchema),
  regions: ref(RegionDifferencesSchema),
});
