import type { Camera } from '../map/camera.ts';
import { cellOf, holds, PLANE } from '../map/rectangle.ts';

/** A moment of the past, as an address names it: by its cursor, or by a time (milliseconds since 1970). */
export type LinkedMoment = { readonly cursor: string } | { readonly time: number };

export interface LinkedCell {
  readonly x: number;
  readonly y: number;
}

/** What an address shows. */
export interface Link {
  /** Undefined: where the tiles are. */
  readonly camera: Camera | undefined;
  /** Undefined: the live map. */
  readonly moment: LinkedMoment | undefined;
  /** The cell whose panel it opens. */
  readonly cell?: LinkedCell;
}

const PLACE = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?(?:e-?\d+)?))?$/;
const CELL = /^-?\d{1,10},-?\d{1,10}$/;
const CURSOR = /^(?:0|[1-9]\d{0,15})-[0-9a-f]{8}$/;
const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Parses `#x,y,zoom!x,y@moment`: the cell in the middle, pixels per cell, the cell whose panel is open, and a cursor or an
 * RFC 3339 time. Each part may be missing, the panel's cell only has a meaning behind a place. Undefined: it names nothing.
 */
export function parseDeepLink(hash: string): Link | undefined {
  const [where = '', when, ...rest] = hash.replace(/^#/, '').split('@');
  const [place = '', opened, ...more] = where.split('!');
  if (rest.length > 0 || more.length > 0 || (place === '' && when === undefined)) return undefined;
  const camera = parsePlace(place);
  const moment = when === undefined ? undefined : parseMoment(when);
  const cell = opened === undefined || !camera ? undefined : parseCell(opened);
  if ((place !== '' && !camera) || (when !== undefined && !moment)) return undefined;
  if (opened !== undefined && !cell) return undefined;
  return { camera, moment, ...(cell && { cell }) };
}

function parseCell(text: string): LinkedCell | undefined {
  if (!CELL.test(text)) return undefined;
  const [x, y] = cellOf(text);
  return holds(PLANE, x, y) ? { x, y } : undefined;
}

function parsePlace(text: string): Camera | undefined {
  const match = PLACE.exec(text);
  if (!match) return undefined;
  const [x, y, zoom] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 32)];
  if (Math.abs(x) > 2 ** 31 || Math.abs(y) > 2 ** 31 || !(zoom > 0)) return undefined;
  return { x, y, zoom };
}

function parseMoment(text: string): LinkedMoment | undefined {
  if (CURSOR.test(text)) return { cursor: text };
  const instant = decoded(text);
  const time = INSTANT.test(instant) ? Date.parse(instant) : NaN;
  return Number.isNaN(time) ? undefined : { time };
}

/** Some programs encode the colons of a time. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `cursor`: of the moment shown; undefined for the live map. */
export function deepLinkOf({ x, y, zoom }: Camera, cursor?: string): string {
  // Enough decimals for the precision of a pixel.
  const decimals = Math.min(3, Math.max(0, Math.ceil(Math.log10(zoom))));
  const round = (value: number) => String(Number(value.toFixed(decimals)));
  const place = `#${round(x)},${round(y)},${Number(zoom.toPrecision(4))}`;
  return cursor === undefined ? place : `${place}@${cursor}`;
}

/** Of a cell: it is in the middle, and its panel is open. */
export function deepLinkToCell({ x, y }: LinkedCell, cursor?: string): string {
  const [place, when] = deepLinkOf({ x: x + 0.5, y: y + 0.5, zoom: 56 }, cursor).split('@');
  return `${place}!${x},${y}${when === undefined ? '' : `@${when}`}`;
}
