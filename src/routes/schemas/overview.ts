import { Type } from '@sinclair/typebox';
import { component, nullableInstant, ref } from './fields.ts';
import { MANIFEST_HEAD, PATCH_HEAD, SNAPSHOT_HEAD } from './manifest.ts';
import { byCell } from './tile.ts';

export const AreaSchema = component('Area', 'The tiles of an area of 2^zoom x 2^zoom cells, summed up.', {
  tiles: Type.Integer({ minimum: 1, description: 'How many there are.', examples: [57] }),
  owners: Type.Array(
    Type.Unsafe<readonly [string, number]>({
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'integer', minimum: 1 }],
      items: { type: ['string', 'integer'] },
      minItems: 2,
      maxItems: 2,
      examples: [['wall', 57]],
    }),
    {
      minItems: 1,
      maxItems: 4,
      description: 'The up to four compositors with most of them, and how many each has; most first.',
    },
  ),
  timestamp: Type.Number({ description: 'The newest timestamp, Unix seconds.', examples: [1700000000.5] }),
});

const EXAMPLE = { tiles: 57, owners: [['wall', 57]], timestamp: 1700000000.5 };

export const AreasSchema = byCell<unknown>(
  'Areas',
  'Areas by name, `"ax,ay"`: the area has the cells ax * 2^zoom to ax * 2^zoom + 2^zoom - 1, and so on. Those without tiles are left out.',
  { additionalProperties: ref(AreaSchema), examples: [{ '0,-1': EXAMPLE }] },
);

export const AreaChangesSchema = byCell<unknown>(
  'AreaChanges',
  'Areas by name. A value replaces the whole area, null removes it.',
  {
    additionalProperties: Type.Union([ref(AreaSchema), Type.Null()]),
    examples: [{ '0,-1': EXAMPLE, '7,7': null }],
  },
);

export const OverviewSchema = component(
  'Overview',
  'The manifest at one cursor, with areas instead of tiles.',
  { ...MANIFEST_HEAD, areas: ref(AreasSchema) },
);

export const OverviewSnapshotSchema = component('OverviewSnapshot', 'Data of `snapshot` in an overview.', {
  ...SNAPSHOT_HEAD,
  areas: ref(AreasSchema),
});

export const OverviewPatchSchema = component('OverviewPatch', 'Data of `patch` in an overview.', {
  ...PATCH_HEAD,
  areas: ref(AreaChangesSchema),
  time: nullableInstant({ description: 'When the newest commit in the patch was made.' }),
});
