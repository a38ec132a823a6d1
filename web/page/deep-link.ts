import type { Camera } from '../map/camera.ts';
import { cellOf, contains, holds, parseRectangle, PLANE, textOf } from '../map/rectangle.ts';
import type { Selected } from '../panels/selection.ts';

/** A moment of the past, as an address names it: by its cursor, or by a time (milliseconds since 1970). */
export type LinkedMoment = { readonly cursor: string } | { readonly time: number };

/** What an address shows. */
export interface Link {
  /** Undefined: where the tiles are. */
  readonly camera: Camera | undefined;
  /** Undefined: the live map. */
  readonly moment: LinkedMoment | undefined;
  /** The moment that this is compared with. */
  readonly from?: LinkedMoment;
  /** What it opens in the panel. */
  readonly opened?: Selected;
}

/** What the page shows besides a place, as an address names it. */
export interface Shown {
  /** What is open in the panel. */
  readonly opened?: Selected | undefined;
  /** The cursor of the moment; undefined: the live map. */
  readonly cursor?: string | undefined;
  /** The cursor of the moment that it is compared with. */
  readonly from?: string | undefined;
}

const PLACE = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?(?:e-?\d+)?))?$/;
const CELL = /^-?\d{1,10},-?\d{1,10}$/;
const AREA = /^area=(-?\d{1,10}(?:,-?\d{1,10}){3})$/;
const ENTRY = /^(compositor|region)=([A-Za-z0-9._-]{1,64})$/;
const CURSOR = /^(?:0|[1-9]\d{0,15})-[0-9a-f]{8}$/;
/** Between two moments that are compared, and the later one when that is the live map: nobody's link may end with dots. */
const BETWEEN = '..';
const NOW = 'now';
const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Parses `#x,y,zoom!opened@moment`: the cell in the middle, pixels per cell, what is open in the panel (`x,y`, `area=x1,y1,x2,y2`,
 * `compositor=id` or `region=id`), and a cursor or an RFC 3339 time; or `@moment..moment` or `@moment..now` for a comparison, the
 * moment that is shown last. Each part may be missing, the panel only has a meaning behind a place. Undefined: it names nothing.
 */
export function parseDeepLink(hash: string): Link | undefined {
  const [where = '', when, ...rest] = hash.replace(/^#/, '').split('@');
  const [place = '', panel, ...more] = where.split('!');
  if (rest.length > 0 || more.length > 0 || (place === '' && when === undefined)) return undefined;
  const camera = parsePlace(place);
  const times = when === undefined ? { moment: undefined } : parseTimes(when);
  const opened = panel === undefined || !camera ? undefined : parseOpened(panel);
  if ((place !== '' && !camera) || !times || (panel !== undefined && !opened)) return undefined;
  return { camera, ...times, ...(opened && { opened }) };
}

function parseTimes(text: string): Pick<Link, 'moment' | 'from'> | undefined {
  const [first = '', last, ...rest] = text.split(BETWEEN);
  const [one, other] = [parseMoment(first), last === undefined ? undefined : parseMoment(last)];
  if (!one || rest.length > 0) return undefined;
  if (last === undefined) return { moment: one };
  return other || last === NOW ? { moment: other, from: one } : undefined;
}

function parseOpened(text: string): Selected | undefined {
  if (CELL.test(text)) {
    const [x, y] = cellOf(text);
    return holds(PLANE, x, y) ? { kind: 'tile', x, y } : undefined;
  }
  const area = AREA.exec(text)?.[1];
  if (area !== undefined) {
    const rect = parseRectangle(area);
    const isArea = rect.x1 <= rect.x2 && rect.y1 <= rect.y2 && contains(PLANE, rect);
    return isArea ? { kind: 'area', rect } : undefined;
  }
  const [, kind, id] = ENTRY.exec(text) ?? [];
  return id === undefined ? undefined : { kind: kind as 'compositor' | 'region', id };
}

function openedText(opened: Selected): string {
  if (opened.kind === 'tile') return `${opened.x},${opened.y}`;
  return opened.kind === 'area' ? `area=${textOf(opened.rect)}` : `${opened.kind}=${opened.id}`;
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

/** The address of a place, with what else is shown. */
export function deepLinkOf({ x, y, zoom }: Camera, { opened, cursor, from }: Shown = {}): string {
  // Enough decimals for the precision of a pixel.
  const decimals = Math.min(3, Math.max(0, Math.ceil(Math.log10(zoom))));
  const round = (value: number) => String(Number(value.toFixed(decimals)));
  const place = `#${round(x)},${round(y)},${Number(zoom.toPrecision(4))}`;
  const panel = opened ? `!${openedText(opened)}` : '';
  if (from !== undefined) return `${place}${panel}@${from}${BETWEEN}${cursor ?? NOW}`;
  return `${place}${panel}${cursor === undefined ? '' : `@${cursor}`}`;
}
