import { Type } from '@sinclair/typebox';
import { MAX_BRICK, TILE_KEY_PATTERN } from '../../domain/tile.ts';
import { component, compositorId, printable, ref } from './fields.ts';

/** Maximum number of tiles in one request. */
export const MAX_TILES = 10_000;

const BRICK = { description: 'The name of the image that fills the cell.', examples: ['wall.rts.png'] };
const brick = Type.String(BRICK);

const timestamp = Type.Number({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  'x-expects': 'Unix seconds',
  description: 'Unix seconds.',
  examples: [1700000000.5],
});

export const CELL = {
  pattern: TILE_KEY_PATTERN,
  format: 'tile-key',
  'x-expects': 'a cell such as 3,-4: two whole numbers from -2147483648 to 2147483647 without leading zeros',
};

/** A shared schema of a map by cell (or by area, which are named alike). */
export const byCell = <T>($id: string, description: string, options: object) =>
  Type.Unsafe<Record<string, T>>({ $id, type: 'object', description, propertyNames: CELL, ...options });

export const TileSchema = component('Tile', 'A tile with its owner.', {
  brick,
  timestamp,
  compositor: compositorId({ description: 'The compositor that wrote the tile last.' }),
});

export const OwnTileSchema = component('OwnTile', 'A tile without its owner.', { brick, timestamp });

export const OwnTilesSchema = byCell<{ brick: string; timestamp: number }>(
  'OwnTiles',
  'Tiles by cell, `"x,y"`.',
  {
    additionalProperties: ref(OwnTileSchema),
    examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5 } }],
  },
);

export const TilesSchema = byCell<unknown>('Tiles', 'Tiles by cell, `"x,y"`.', {
  additionalProperties: ref(TileSchema),
  examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5, compositor: 'wall' } }],
});

export const TileChangesSchema = byCell<unknown>(
  'TileChanges',
  'Tiles by cell, `"x,y"`. A value replaces the whole tile, null removes it.',
  {
    additionalProperties: Type.Union([ref(TileSchema), Type.Null()]),
    examples: [
      { '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5, compositor: 'wall' }, '3,-5': null },
    ],
  },
);

const write = {
  properties: {
    brick: printable(1, MAX_BRICK, BRICK),
    timestamp: {
      ...timestamp,
      description:
        'Unix seconds, at most 300 s in the future; from 1e11 on it counts as milliseconds. By default unchanged if the brick is the same, otherwise the time of the request.',
    },
  },
  required: ['brick'],
  additionalProperties: false,
};

/** The body of `PATCH`. A nullable type, not a union, because Ajv reports each error of a union once per member. */
export const TilePatchSchema = byCell<{ brick: string; timestamp?: number } | null>(
  'TilePatch',
  'Tiles to change by cell, `"x,y"`; null removes a tile. At most 10,000.',
  {
    maxProperties: MAX_TILES,
    additionalProperties: { type: ['object', 'null'], ...write, 'x-expects': 'a tile or null' },
    examples: [{ '3,-4': { brick: 'wall.rts.png' }, '3,-5': null }],
  },
);

export const TileSetSchema = byCell<{ brick: string; timestamp?: number }>(
  'TileSet',
  'All tiles of the compositor by cell, `"x,y"`. At most 10,000.',
  {
    maxProperties: MAX_TILES,
    additionalProperties: { type: 'object', ...write, 'x-expects': 'a tile' },
    examples: [{ '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5 } }],
  },
);
