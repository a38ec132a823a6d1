import { fromOklch, mixed, type Rgb } from './colour.ts';
import { hashOf } from './hash.ts';
import { radiusOf, SHAPES, SIZES } from './shapes.ts';

/** As the dark theme of the map page has it. */
const LIGHTNESS = 0.7;
const CHROMA = 0.125;
const DARKER: Rgb = [0.03, 0.04, 0.08];
const WHITE: Rgb = [1, 1, 1];
/** Of the square: half its gap to the next, and the radius of its corners, where a tile reaches from -1 to 1. */
const INSET = 0.028;
const ROUND = 0.16;
/** The map page reads its shapes from a texture that reaches a little beyond the tile. */
const REACH = 1.08;

/** Two shapes, one cut out of the other, in a shade of the square's colour. */
interface BrickPattern {
  readonly first: (x: number, y: number) => number;
  readonly second: (x: number, y: number) => number;
  readonly drawn: Rgb;
}

/**
 * The picture of a brick that has none, as four bytes for each of `side` x `side` pixels: the pattern that the map page draws for its
 * name (web/tile-shader.ts), by default in a colour of the name, since a picture is nobody's. Takes some milliseconds for 100 x 100.
 */
export function drawBrick(name: string, side: number, colour = colourOf(name)): Uint8Array {
  const { first, second, drawn } = patternOf(name, colour);
  const pixel = 2 / side;
  const bytes = new Uint8Array(side * side * 4);
  for (let i = 0; i < side * side; i++) {
    const x = (2 * (i % side) + 1) / side - 1;
    const y = (2 * Math.floor(i / side) + 1) / side - 1;
    const distance = toEdge(x, y);
    const a = covered(first(x, y), pixel);
    const b = covered(second(x, y), pixel);
    const share = (a + b - 2 * a * b) * covered(distance + 0.1, pixel);
    for (let channel = 0; channel < 3; channel++) {
      const plain = colour[channel]!;
      bytes[4 * i + channel] = Math.round(255 * (plain + (drawn[channel]! - plain) * share));
    }
    bytes[4 * i + 3] = Math.round(255 * covered(distance, pixel));
  }
  return bytes;
}

function colourOf(name: string): Rgb {
  return fromOklch(LIGHTNESS, CHROMA, ((hashOf(name) >>> 20) / 4096) * 360);
}

function patternOf(name: string, colour: Rgb): BrickPattern {
  const hash = hashOf(name);
  const shape = (kind: number, size: number) => {
    const radius = radiusOf(size % SIZES);
    return (x: number, y: number) => SHAPES[kind % SHAPES.length]!(radius, x * REACH, y * REACH);
  };
  return {
    first: shape(hash & 15, hash >>> 8),
    second: shape(hash >>> 4, hash >>> 11),
    drawn: ((hash >>> 14) & 3) === 0 ? mixed(colour, DARKER, 0.5) : mixed(colour, WHITE, 0.34),
  };
}

/** The distance to the edge of the square, negative inside. */
function toEdge(x: number, y: number): number {
  const right = Math.abs(x) - (1 - INSET - ROUND);
  const down = Math.abs(y) - (1 - INSET - ROUND);
  return Math.hypot(Math.max(right, 0), Math.max(down, 0)) + Math.min(Math.max(right, down), 0) - ROUND;
}

/** The part of a pixel that is inside of an edge at this distance. */
function covered(distance: number, pixel: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance / pixel));
}
