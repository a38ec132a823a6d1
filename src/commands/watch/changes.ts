import type { SseEvent } from '../../conformance/sse-parser.ts';
import { isObject } from '../../conformance/event-checks.ts';
import { printable } from '../printable.ts';

/** One thing that happened on the stream, ready to be shown: every text in it is safe for a terminal. */
export interface Change {
  /** RFC 3339, as the daemon said; undefined when it did not. */
  readonly time: string | undefined;
  readonly cursor: string | undefined;
  readonly kind: 'tile' | 'compositor' | 'snapshot' | 'bye';
  /** The compositor that did it, where one is known. */
  readonly who: string;
  readonly words: string;
}

interface Held {
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

/** What `event` changes in a copy that has not taken it yet: a line each. An event that says nothing new is none. */
export function changesOf(event: SseEvent, held: Held): Change[] {
  const data = parsed(event.data);
  const { tiles = {}, compositors = {} } = data;
  const cursor = event.id === undefined ? undefined : printable(event.id);
  const time = typeof data.time === 'string' ? printable(data.time) : undefined;
  const change = (kind: Change['kind'], who: string, words: string): Change => ({
    time,
    cursor,
    kind,
    who: printable(who),
    words,
  });
  if (event.event === 'bye') return [change('bye', '', `bye reason=${quoted(data.reason)}`)];
  if (event.event === 'snapshot') {
    const sizes = `tiles=${Object.keys(tiles).length} compositors=${Object.keys(compositors).length}`;
    return [change('snapshot', '', `snapshot reason=${quoted(data.reason)} ${sizes}`)];
  }
  if (event.event !== 'patch') return [];
  return [
    ...Object.entries(compositors).map(([id, entry]) => {
      const words = entry ? `status=${quoted(entry.status)} name=${quoted(entry.name)}` : 'removed';
      return change('compositor', id, `compositor ${printable(id)} ${words}`);
    }),
    ...Object.entries(tiles).map(([key, tile]) => {
      const who = tile ? String(tile.compositor) : (held.tiles.get(key)?.compositor ?? '');
      const words = tile ? `brick=${quoted(tile.brick)}` : 'removed';
      return change('tile', who, `tile ${printable(key)} ${words} by=${printable(who)}`);
    }),
  ];
}

/** In quotes, so that a space in it is no end of it. */
function quoted(value: unknown): string {
  return value === undefined ? '""' : printable(JSON.stringify(value));
}

function parsed(text: string): Data {
  try {
    const { tiles, compositors, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return {
      ...rest,
      ...(isObject(tiles) && { tiles: tiles as Data['tiles'] & object }),
      ...(isObject(compositors) && { compositors: compositors as Data['compositors'] & object }),
    };
  } catch {
    // Whoever sends this is no daemon of ours; there is nothing in it to show.
    return {};
  }
}
