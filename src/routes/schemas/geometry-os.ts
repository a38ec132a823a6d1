import { Type, type IntegerOptions } from '@sinclair/typebox';
import { MOST_CELLS } from '../../domain/shell-area.ts';
import { INT32_MAX, INT32_MIN } from '../../domain/tile.ts';
import { closed, component, ref, sought } from './fields.ts';
import { byCell, CELL } from './tile.ts';

const int32 = (description: string, example: number) =>
  Type.Integer({ minimum: INT32_MIN, maximum: INT32_MAX, description, examples: [example] });
const length = (maximum: number, description: string, more: IntegerOptions = {}) =>
  Type.Integer({ minimum: 1, maximum, description, examples: [16], ...more });

/** Their programs add the time to each URL. */
const t = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'Ignored: it makes each URL another one, to get past caches.',
    examples: ['1700000000000'],
  }),
);

/** Cells to one side of the largest chunk. */
const MOST_SIDE = Math.sqrt(MOST_CELLS);

export const ChunkQuery = Type.Object(
  {
    x: int32('The column of the chunk, in chunks.', 512),
    y: int32('The row of the chunk, in chunks.', 512),
    size: Type.Optional(length(MOST_SIDE, 'Cells to one side of a chunk.', { default: 16 })),
    t,
  },
  closed,
);

export const AreaQuery = Type.Object(
  {
    x: int32('The first column, in cells.', 8192),
    y: int32('The first row, in cells.', 8192),
    w: length(MOST_CELLS, `Columns. Together with \`h\` at most ${MOST_CELLS} cells.`),
    h: length(MOST_CELLS, 'Rows.'),
    t,
  },
  closed,
);

export const ScanQuery = Type.Object(
  {
    near: Type.Optional(
      Type.String({
        ...CELL,
        default: '0,0',
        description: 'The nearest to this cell come first.',
        examples: ['8192,8192'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 1000,
        description: 'Maximum number of tiles.',
        examples: [1000],
      }),
    ),
    t,
  },
  closed,
);

const x = Type.Integer({ examples: [8192] });
const y = Type.Integer({ examples: [8192] });
const brick = Type.String({ examples: ['wall.rts.png'] });

export const ShellTileSchema = component('ShellTile', 'A tile with its cell.', {
  x,
  y,
  brick,
  timestamp: Type.Integer({ description: 'Unix seconds, without their fraction.', examples: [1700000000] }),
});

export const ShellTilesSchema = byCell<unknown>('ShellTiles', 'Tiles by cell, `"x,y"`.', {
  additionalProperties: ref(ShellTileSchema),
  examples: [{ '8192,8192': { x: 8192, y: 8192, brick: 'wall.rts.png', timestamp: 1700000000 } }],
});

const content = {
  tiles: ref(ShellTilesSchema),
  metadata: Type.Object({
    generated_at: Type.Integer({
      description: 'When the map changed last, Unix seconds; 0 for a map that nobody wrote to.',
      examples: [1700000000],
    }),
    version: Type.String({ description: 'Of this form.', examples: ['1.0'] }),
  }),
};

export const ChunkSchema = component('Chunk', 'The tiles of one chunk.', {
  chunkX: Type.Integer({ examples: [512] }),
  chunkY: Type.Integer({ examples: [512] }),
  ...content,
});

export const CellsSchema = component('Cells', 'The tiles of a rectangle.', {
  x,
  y,
  w: Type.Integer({ examples: [16] }),
  h: Type.Integer({ examples: [16] }),
  ...content,
});

export const ScanSchema = component('Scan', 'Tiles as points of interest, the nearest first.', {
  poi: Type.Array(
    Type.Object({
      x,
      y,
      brick,
      is_focused: Type.Boolean({
        description: 'Always false: the daemon knows no focus.',
        examples: [false],
      }),
    }),
  ),
  total: Type.Integer({
    minimum: 0,
    description: 'How many tiles there are. When there are more than `poi`, those left out are farther away.',
    examples: [1],
  }),
});

/** A file name without folders that is safe to look up: see domain/brick-files.ts. */
export const PictureParams = Type.Object({
  brick: sought(255, {
    pattern: '^(?!\\.)[^/\\\\\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]*$',
    'x-expects': '1 to 255 characters without controls and slashes, of which the first is no dot',
    description: 'The name of the brick.',
    examples: ['wall.rts.png'],
  }),
});

export const MetadataParams = Type.Object({
  file: Type.String({
    maxLength: 255,
    pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*\\.json$',
    'x-expects':
      'letters, digits, dashes, underscores and dots, of which the first is none, and .json behind them',
    description: 'The name of the file.',
    examples: ['silicon_district.json'],
  }),
});
