import type { SseEvent } from '../../conformance/sse-parser.ts';
import { isObject, parseJson } from '../../domain/json.ts';
import { printable } from '../printable.ts';

/** One change from the stream; its texts are safe for a terminal. */
export interface Change {
  /** RFC 3339, from the event; undefined when it has none. */
  readonly time: string | undefined;
  readonly cursor: string | undefined;
  readonly kind: 'tile' | 'compositor' | 'snapshot' | 'bye';
  /** The compositor that made the change; empty when unknown. */
  readonly compositor: string;
  readonly text: string;
}

interface Copy {
  readonly tiles: ReadonlyMap<string, { readonly compositor: string }>;
}

interface Data {
  readonly time?: unknown;
  readonly reason?: unknown;
  readonly tiles?: Readonly<
    Record<string, { readonly brick?: unknown; readonly compositor?: unknown } | null>
  >;
  readonly compositors?: Readonly<
    Record<string, { readonly name?: unknown; readonly status?: unknown } | null>
  >;
}

/** The changes that `event` makes in `copy`, which has not applied it yet. */
export function changesOf(event: SseEvent, copy: Copy): Change[] {
  const data = parsed(event.data);
  const { tiles = {}, compositors = {} } = data;
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
  if (event.event === 'snapshot') {
    const sizes = `tiles=${Object.keys(tiles).length} compositors=${Object.keys(compositors).length}`;
    return [change('snapshot', '', `snapshot reason=${quoted(data.reason)} ${sizes}`)];
  }
  if (event.event !== 'patch') return [];
  return [
    ...Object.entries(compositors).map(([id, entry]) => {
      const state = entry ? `status=${quoted(entry.status)} name=${quoted(entry.name)}` : 'removed';
      return change('compositor', id, `compositor ${printable(id)} ${state}`);
    }),
    ...Object.entries(tiles).map(([key, tile]) => {
      const owner = tile ? String(tile.compositor) : (copy.tiles.get(key)?.compositor ?? '');
      const state = tile ? `brick=${quoted(tile.brick)}` : 'removed';
      return change('tile', owner, `tile ${printable(key)} ${state} by=${printable(owner)}`);
    }),
  ];
}

/** In quotes, so that a value with spaces stays one value. */
function quoted(value: unknown): string {
  return value === undefined ? '""' : printable(JSON.stringify(value));
}

function parsed(text: string): Data {
  const data = parseJson(text);
  // Not from a daemon of ours; it contains nothing to show.
  if (!isObject(data)) return {};
  const { tiles, compositors, ...rest } = data;
  return {
    ...rest,
    ...(isObject(tiles) && { tiles: tiles as Data['tiles'] & object }),
    ...(isObject(compositors) && { compositors: compositors as Data['compositors'] & object }),
  };
}
