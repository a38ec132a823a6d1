import { readdirSync, readFileSync } from 'node:fs';
import type { Tile } from '../../src/domain/tile.ts';
import { overviewOf, parseRect, viewHasTile, type View } from '../../src/domain/view.ts';

const FOLDER = new URL('../../openapi/vectors/', import.meta.url);

/** One transcript with what it must leave in a reader; the fields are explained in `openapi/vectors/README.md`. */
export interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly about: string;
  readonly query: string;
  readonly continues: string | null;
  readonly events: string[];
  readonly state: {
    readonly compositors: Record<string, unknown>;
    readonly tiles?: Record<string, unknown>;
    readonly areas?: Record<string, unknown>;
    readonly regions?: Record<string, unknown>;
  };
  /** Absent: that of the query. */
  readonly view?: string;
  readonly lastEventId: string;
  readonly exact: boolean;
  readonly digestOk: boolean | null;
  readonly bye: string | null;
  readonly reconnect: { readonly lastEventId: string | null; readonly retry: number };
  readonly faulty: boolean;
}

/** Tiles, and the digests of the squares of a view of them. */
export interface DigestVector {
  readonly about: string;
  readonly tiles: Readonly<Record<string, Tile>>;
  readonly query: string;
  readonly zoom: number;
  readonly digest: string;
  readonly digests: Readonly<Record<string, string>>;
}

export function loadDigestVectors(): DigestVector[] {
  return JSON.parse(readFileSync(new URL('digests/squares.json', FOLDER), 'utf8')) as DigestVector[];
}

/** The tiles of a vector that its view shows. */
export function visibleTiles({ tiles, query }: DigestVector): [string, Tile][] {
  return Object.entries(tiles).filter(([key, tile]) => viewHasTile(viewOf(query), key, tile));
}

export function loadVectors(): Map<string, Vector> {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sse'))
    .map((file) => file.slice(0, -'.sse'.length));
  return new Map(names.map((name) => [name, loadVector(name)]));
}

function loadVector(name: string): Vector {
  const expected = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Omit<
    Vector,
    'name' | 'bytes'
  >;
  return { ...expected, name, bytes: readFileSync(new URL(`${name}.sse`, FOLDER)) };
}

/** The view that the query of a stream asks for. */
export function viewOf(query: string): View {
  const params = new URLSearchParams(query);
  const rect = parseRect(params.get('view') ?? '');
  const compositors = params.getAll('compositor');
  const view = {
    ...(rect && { rect }),
    ...(compositors.length > 0 && { compositors: new Set(compositors) }),
  };
  return overviewOf(view, Number(params.get('zoom') ?? 0));
}
