import type { SseEvent } from '../../conformance/sse-parser.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { printable } from '../printable.ts';

/** One change from the stream; its texts are safe for a terminal. */
export interface Change {
  /** RFC 3339, from the event; undefined when it has none. */
  readonly time: string | undefined;
  readonly cursor: string | undefined;
  readonly kind: 'tile' | 'area' | 'compositor' | 'region' | 'snapshot' | 'bye';
  /** The compositor that made the change; empty when unknown. */
  readonly compositor: string;
  readonly text: string;
}

interface Copy {
  readonly tiles: Owned;
  readonly regions: Owned;
}

type Owned = ReadonlyMap<string, { readonly compositor: string }>;

interface Whole extends Copy {
  readonly view: { readonly zoom?: number };
  readonly areas: ReadonlyMap<string, unknown>;
  readonly compositors: ReadonlyMap<string, unknown>;
}

interface Data {
  readonly time?: unknown;
  readonly reason?: unknown;
  readonly tiles?: Readonly<
    Record<string, { readonly brick?: unknown; readonly compositor?: unknown } | null>
  >;
  /** Of an overview, instead of tiles. */
  readonly areas?: Readonly<Record<string, { readonly tiles?: unknown; readonly owners?: unknown } | null>>;
  readonly regions?: Readonly<
    Record<
      string,
      { readonly rect?: unknown; readonly compositor?: unknown; readonly exclusive?: unknown } | null
    >
  >;
  readonly compositors?: Readonly<
    Record<string, { readonly name?: unknown; readonly status?: unknown } | null>
  >;
}

/** The changes that `event` makes in `copy`, which has not applied it yet. A snapshot is none before it is {@link wholeSnapshot | whole}. */
export function changesOf(event: SseEvent, copy: Copy): Change[] {
  const data = parsed(event.data);
  const { tiles = {}, areas, regions = {}, compositors = {} } = data;
  const cursor = event.id === undefined ? undefined : printable(event.id);
  const time = typeof data.time === 'string' ? printable(data.time) : undefined;
  const change = (kind: Change['kind'], compositor: string, text: string): Change => ({
    time,
    cursor,
    kind,
    compositor: printable(compositor),
    text,
  });
  if (event.event === 'bye') return [change('bye', '', `bye reason=${quoted(data.reason)}`)];
  if (event.event !== 'patch') return [];
  return [
    ...Object.entries(compositors).map(([id, entry]) => {
      const state = entry ? `status=${quoted(entry.status)} name=${quoted(entry.name)}` : 'removed';
      return change('compositor', id, `compositor ${printable(id)} ${state}`);
    }),
    ...Object.entries(areas ?? {}).map(([name, area]) => {
      const state = area ? `tiles=${quoted(area.tiles)} owners=${ownersOf(area.owners)}` : 'removed';
      return change('area', '', `area ${printable(name)} ${state}`);
    }),
    ...Object.entries(regions).map(([id, region]) => {
      const owner = ownerOf(region, copy.regions.get(id));
      const state = region
        ? `rect=${quoted(region.rect)}${region.exclusive === true ? ' exclusive' : ''}`
        : 'released';
      return change('region', owner, `region ${printable(id)} ${state} by=${printable(owner)}`);
    }),
    ...Object.entries(tiles).map(([key, tile]) => {
      const owner = ownerOf(tile, copy.tiles.get(key));
      const state = tile ? `brick=${quoted(tile.brick)}` : 'removed';
      return change('tile', owner, `tile ${printable(key)} ${state} by=${printable(owner)}`);
    }),
  ];
}

/** Why a snapshot begins, as `event` says; undefined when it begins none. */
export function snapshotReason(event: SseEvent): string | undefined {
  return event.event === 'snapshot' ? quoted(parsed(event.data).reason) : undefined;
}

/** A snapshot with all its parts, as `copy` has them now that it has taken `last`. */
export function wholeSnapshot(reason: string, last: SseEvent, copy: Whole): Change {
  const { view, areas, tiles, compositors, regions } = copy;
  const { time } = parsed(last.data);
  const cells = view.zoom === undefined ? `tiles=${tiles.size}` : `areas=${areas.size}`;
  const some = regions.size > 0 ? ` regions=${regions.size}` : '';
  return {
    time: typeof time === 'string' ? printable(time) : undefined,
    cursor: last.id === undefined ? undefined : printable(last.id),
    kind: 'snapshot',
    compositor: '',
    text: `snapshot reason=${reason} ${cells} compositors=${compositors.size}${some}`,
  };
}

/** Those of an area, each with its number of tiles. */
function ownersOf(owners: unknown): string {
  const pairs = Array.isArray(owners) ? owners.filter((pair) => Array.isArray(pair)) : [];
  return quoted(pairs.map(([id, tiles]: unknown[]) => `${String(id)}:${String(tiles)}`).join(' '));
}

/** Whose entry it is, or was before it was removed. */
function ownerOf(
  now: { readonly compositor?: unknown } | null,
  before?: { readonly compositor: string },
): string {
  return now ? String(now.compositor) : (before?.compositor ?? '');
}

/** In quotes, so that a value with spaces stays one value. */
function quoted(value: unknown): string {
  return value === undefined ? '""' : printable(JSON.stringify(value));
}

function parsed(text: string): Data {
  const data = parseJson(text);
  // Not from a daemon of ours; it contains nothing to show.
  if (!isObject(data)) return {};
  const { tiles, areas, regions, compositors, ...rest } = data;
  return {
    ...rest,
    ...(isObject(areas) && { areas: areas as Data['areas'] & object }),
    ...(isObject(regions) && { regions: regions as Data['regions'] & object }),
    ...(isObject(tiles) && { tiles: tiles as Data['tiles'] & object }),
    ...(isObject(compositors) && { compositors: compositors as Data['compositors'] & object }),
  };
}
