import { Type } from '@sinclair/typebox';
import { CompositorChangesSchema, CompositorsSchema } from './compositor.ts';
import { component, cursor, instant, nullableInstant, ref } from './fields.ts';
import { RegionChangesSchema, RegionsSchema } from './region.ts';
import { TileChangesSchema, TileSchema, TilesSchema } from './tile.ts';

export const ViewSchema = component('View', 'The filter that applies.', {
  rect: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description:
      'The rectangle, `x1,y1,x2,y2` with x1 <= x2 and y1 <= y2, in an overview with all cells of the areas that it touches; null: the whole plane.',
    examples: ['-8,-8,8,8'],
  }),
  compositors: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string' },
    description: 'Only these compositors; null: all.',
  }),
  zoom: Type.Optional(
    Type.Integer({ description: 'Of an overview: the zoom, at least 1. Absent: tiles.', examples: [3] }),
  ),
});

/** What all replies of a part of the manifest have. */
export const POSITION_HEAD = {
  cursor: cursor(),
  revision: Type.Integer({ description: 'The number in the cursor.', examples: [1042] }),
  committedAt: nullableInstant({ description: 'When that commit was made; null before the first commit.' }),
  view: ref(ViewSchema),
};

/** What the manifest and an overview of it have beside their cells, and so their snapshots. */
export const MANIFEST_HEAD = {
  ...POSITION_HEAD,
  compositors: ref(CompositorsSchema),
  regions: Type.Optional(ref(RegionsSchema)),
};

export const SNAPSHOT_HEAD = {
  reason: Type.Unsafe<string>({
    type: 'string',
    enum: ['initial', 'gap', 'reset'],
    description: 'Why the reader starts over.',
  }),
  view: ref(ViewSchema),
  compositors: ref(CompositorsSchema),
  regions: Type.Optional(ref(RegionsSchema)),
};

export const ManifestSchema = component(
  'Manifest',
  'The manifest at one cursor: all of it, or the part in view.',
  { ...MANIFEST_HEAD, tiles: ref(TilesSchema) },
);

/** What a patch of tiles and one of areas have beside their cells. */
export const PATCH_HEAD = {
  compositors: ref(CompositorChangesSchema),
  regions: Type.Optional(ref(RegionChangesSchema)),
};

const maps = { ...PATCH_HEAD, tiles: ref(TileChangesSchema) };

export const ChangesSchema = component('Changes', 'One patch with every change between two cursors.', {
  since: cursor({ description: 'The cursor from the request.' }),
  cursor: cursor({ description: 'The cursor after the patch is applied.' }),
  ...maps,
  time: nullableInstant({
    description: 'When the commit of `cursor` was made; null before the first commit.',
  }),
});

const tileOrNothing = (description: string) =>
  Type.Union([ref(TileSchema), Type.Null()], {
    description,
    examples: [{ brick: 'wall.rts.png', timestamp: 1700000000.5, compositor: 'wall' }],
  });

export const HistoryItemSchema = component('HistoryItem', 'One commit.', {
  cursor: cursor(),
  revision: Type.Integer({ examples: [1042] }),
  committedAt: instant({ description: 'When the commit was made.' }),
  by: Type.String({
    description: 'The compositor whose request made the commit, or `daemon`.',
    examples: ['wall'],
  }),
  principal: Type.Optional(
    Type.String({ description: 'The name of the token that the request had, if any.', examples: ['studio'] }),
  ),
  origin: Type.String({ description: 'The replica that made the commit.', examples: ['compositord'] }),
  compositors: Type.Integer({ description: 'Number of compositors changed.', examples: [0] }),
  tiles: Type.Integer({ description: 'Number of tiles changed.', examples: [1] }),
  regions: Type.Integer({ description: 'Number of regions changed.', examples: [0] }),
  tile: Type.Optional(tileOrNothing('With `cell`: what the commit left there; null: nothing.')),
  before: Type.Optional(tileOrNothing('With `cell`: what was there before; null: nothing.')),
});

/** The data of the events of a stream (openapi/event-stream.md). */
export const OpenedSchema = component('Opened', 'Data of `opened`: the stream has begun.', {
  stream: Type.String({
    description: 'The id of the stream, with which its view can be changed. Keep it secret.',
    examples: ['0f3a9c51b2d4.q5Jt0u9nQxS1yq2bR7w8Zg'],
  }),
});

export const SnapshotSchema = component(
  'Snapshot',
  'Data of `snapshot`: discard everything and use this. More parts may follow.',
  { ...SNAPSHOT_HEAD, tiles: ref(TilesSchema) },
);

export const ViewEventSchema = component(
  'ViewEvent',
  'Data of `view`: from here on the stream shows this view. Discard what it does not show; what came into view follows.',
  { view: ref(ViewSchema) },
);

export const PatchEventSchema = component(
  'PatchEvent',
  'Data of `patch`: apply it. A patch without an id is a part; the copy is complete at the next id.',
  { ...maps, time: nullableInstant({ description: 'When the newest commit in the patch was made.' }) },
);

export const SyncedSchema = component(
  'Synced',
  'Data of `synced`: the copy of the reader is complete. Also serves as heartbeat.',
  {
    revision: Type.Integer({ description: 'The number in the cursor.', examples: [1042] }),
    time: nullableInstant({ description: 'When that commit was made; null before the first commit.' }),
    degraded: Type.Boolean({ description: 'The store is unreachable; this is the last known manifest.' }),
    digest: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      pattern: '^[0-9]+-[0-9a-f]{8}$',
      description:
        'Digest of the tiles in view; null for an overview, and for a view of which it would take long to find.',
      examples: ['3924-1f2e3d4c'],
    }),
  },
);

export const ByeSchema = component('Bye', 'Data of `bye`: the stream ends; reconnect after `retry`.', {
  reason: Type.String({ description: 'Why the stream ends.', examples: ['shutdown'] }),
});
