import { Type } from '@sinclair/typebox';
import { TILE_KEY_PATTERN } from '../../domain/tile.ts';
import { compositorId, printable, ref } from './fields.ts';

/** Maximum number of tiles in one request. */
export const MAX_TILES = 10_000;

const brick = printable(1, 255, {
  description: 'The name of the image that fills the cell.',
  examples: ['wall.rts.png'],
});

const timestamp = Type.Number({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  'x-expects': 'Unix seconds',
  description: 'Unix seconds.',
  examples: [1700000000.5],
});

/** `propertyNames` of every map of tiles. */
const cell = {
  pattern: TILE_KEY_PATTERN,
  format: 'tile-key',
  'x-expects': 'a cell such as 3,-4: two whole numbers from -2147483648 to 2147483647 without leading zeros',
};

export const TileSchema = Type.Object(
  { brick, timestamp, compositor: compositorId({ description: 'The compositor that wrote the tile last.' }) },
  {
    $id: 'Tile',
    description: 'A tile with its owner.',
  },
);

export const OwnTileSchema = Type.Object(
  { brick, timestamp },
  {
    $id: 'OwnTile',
    description: 'A tile without its owner.',
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
  description: 'Tiles by cell, `"x,y"`. A value replaces the whole tile, null removes it.',
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
        'Unix seconds, at most 300 s in the future. By default unchanged if the brick is the same, otherwise the time of the request.',
    },
  },
  required: ['brick'],
  additionalProperties: false,
};

/** The body of `PATCH`. A nullable type, not a union, because Ajv reports each error of a union once per member. */
export const TilePatchSchema = Type.Unsafe<Record<string, { brick: string; timestamp?: number } | null>>({
  $id: 'TilePatch',
  type: 'object',
  description: 'Tiles to change by cell, `"x,y"`; null removes a tile. At most 10,000.',
  propertyNames: cell,
  maxProperties: MAX_TILES,
  additionalProperties: { type: ['object', 'null'], ...write, 'x-expects': 'a tile or null' },
  examples: [{ '3,-4': { brick: 'wall.rts.png' }, '3,-5': null }],
});

export const TileSetSchema = Type.Unsafe<Record<string, { brick: string; timestamp?: number }>>({
  $id: 'TileSet',
  type: 'object',
  description: 'All tiles of the compositor by cell, `"x,y"`. At most 10,000.',
  propertyNames: cell,
  maxProperties: MAX_TILES,
  additionalProperties: { type: 'object', ...write, 'x-expects': 'a tile' },
  examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5 } }],
});
