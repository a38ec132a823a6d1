import { Type } from '@sinclair/typebox';
import { TILE_KEY_PATTERN } from '../../domain/tile.ts';
import { ref } from './ref.ts';
import { compositorId, printable } from './text.ts';

/** Tiles in one request. */
export const MAX_TILES = 10_000;

const brick = printable(1, 255, {
  description: "The name of the cell's image.",
  examples: ['wall.rts.png'],
});

const timestamp = Type.Number({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  'x-expects': 'Unix seconds',
  description: 'Unix seconds.',
  examples: [1700000000.5],
});

/** The names of cells: `propertyNames` of every map of tiles. */
const cell = {
  pattern: TILE_KEY_PATTERN,
  format: 'tile-key',
  'x-expects': 'a cell such as 3,-4: two whole numbers from -2147483648 to 2147483647 without leading zeros',
};

export const TileSchema = Type.Object(
  { brick, timestamp, compositor: compositorId({ description: 'The compositor that wrote it last.' }) },
  {
    $id: 'Tile',
    description: 'A cell, its brick and its owner.',
    examples: [{ brick: 'wall.rts.png', timestamp: 1700000000.5, compositor: 'wall' }],
  },
);

export const OwnTileSchema = Type.Object(
  { brick, timestamp },
  {
    $id: 'OwnTile',
    description: 'A tile whose owner is known.',
    examples: [{ brick: 'wall.rts.png', timestamp: 1700000000.5 }],
  },
);

export const OwnTilesSchema = Type.Unsafe<Record<string, { brick: string; timestamp: number }>>({
  $id: 'OwnTiles',
  type: 'object',
  description: 'Tiles by cell, `"x,y"`.',
  propertyNames: cell,
  additionalProperties: ref(OwnTileSchema),
  examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5 } }],
});

export const TilesSchema = Type.Unsafe<Record<string, unknown>>({
  $id: 'Tiles',
  type: 'object',
  description: 'Tiles by cell, `"x,y"`.',
  propertyNames: cell,
  additionalProperties: ref(TileSchema),
  examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5, compositor: 'wall' } }],
});

export const TileChangesSchema = Type.Unsafe<Record<string, unknown>>({
  $id: 'TileChanges',
  type: 'object',
  description: 'Tiles by cell, `"x,y"`. A tile replaces the one there whole, null removes it.',
  propertyNames: cell,
  additionalProperties: Type.Union([ref(TileSchema), Type.Null()]),
  examples: [
    { '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5, compositor: 'wall' }, '3,-5': null },
  ],
});

const write = {
  properties: {
    brick,
    timestamp: {
      ...timestamp,
      description:
        'Unix seconds, at most 300 s ahead. Left out: kept if the brick is the same, else the time of the request.',
    },
  },
  required: ['brick'],
  additionalProperties: false,
};

/** Of `PATCH`: one schema with a type `null`, since a union would blame every field on both of its members. */
export const TilePatchSchema = Type.Unsafe<Record<string, { brick: string; timestamp?: number } | null>>({
  $id: 'TilePatch',
  type: 'object',
  description: 'Tiles to change by cell, `"x,y"`; null removes one. At most 10,000.',
  propertyNames: cell,
  maxProperties: MAX_TILES,
  additionalProperties: { type: ['object', 'null'], ...write, 'x-expects': 'a tile or null' },
  examples: [{ '3,-4': { brick: 'wall.rts.png' }, '3,-5': null }],
});

export const TileSetSchema = Type.Unsafe<Record<string, { brick: string; timestamp?: number }>>({
  $id: 'TileSet',
  type: 'object',
  description: 'All tiles there shall be, by cell, `"x,y"`. At most 10,000.',
  propertyNames: cell,
  maxProperties: MAX_TILES,
  additionalProperties: { type: 'object', ...write, 'x-expects': 'a tile' },
  examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5 } }],
});
