import type { TileWrite } from '../../src/domain/publishing.ts';

export interface Bulk {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Stands in front of every brick. */
  readonly name: string;
  /** Characters of one brick. */
  readonly brick?: number;
}

/** Writes that fill a rectangle with long bricks: about 300 bytes a tile in the stream. */
export function filled({ x, y, width, height, name, brick = 220 }: Bulk): Map<string, TileWrite> {
  const writes = new Map<string, TileWrite>();
  for (let dx = 0; dx < width; dx++)
    for (let dy = 0; dy < height; dy++)
      writes.set(`${x + dx},${y + dy}`, { brick: `${name} ${x + dx} ${y + dy} `.padEnd(brick, '-') });
  return writes;
}
