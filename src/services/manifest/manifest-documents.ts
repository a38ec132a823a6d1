import { revisionOf } from '../../domain/cursor.ts';
import type { Moment } from '../../domain/moment.ts';
import type { Tile } from '../../domain/tile.ts';
import { formatRect, isWhole, viewHash, WHOLE, type View } from '../../domain/view.ts';

/** An encoded reply: JSON with a newline at its end. */
export interface Document {
  readonly body: Buffer;
  /** A strong validator, quotes included. */
  readonly etag: string;
}

/** The manifest as JSON. The two whole-map documents are kept until the next commit: viewers ask for little else. */
export class ManifestDocuments {
  #whole: Document | undefined;
  #tileFile: Document | undefined;

  /** `GET /manifest`: cursor, view, compositors and tiles. */
  manifest(moment: Moment, view: View): Document {
    const etag = manifestEtag(moment, view);
    if (!isWhole(view)) return { etag, body: encodeManifest(moment, view) };
    if (this.#whole?.etag !== etag) this.#whole = { etag, body: encodeManifest(moment, view) };
    return this.#whole;
  }

  /** `GET /manifest/tiles`: exactly the file that InfiniteMap polls, `{"x,y": {brick, timestamp}}`. */
  tileFile(moment: Moment): Document {
    const etag = `"${moment.cursor}"`;
    if (this.#tileFile?.etag !== etag) this.#tileFile = { etag, body: encodeTileFile(moment) };
    return this.#tileFile;
  }
}

export function manifestEtag(moment: Moment, view: View): string {
  const hash = viewHash(view);
  return hash === '' ? `"${moment.cursor}"` : `"${moment.cursor}@${hash}"`;
}

/** A view as replies and stream frames show it; null for the whole map. */
export function viewToJson(view: View): { rect: string | null; compositors: string[] | null } {
  return {
    rect: view.rect ? formatRect(view.rect) : null,
    compositors: view.compositors ? [...view.compositors].sort() : null,
  };
}

/** RFC 3339, or null for the empty history, which nobody committed. */
export function instant(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString();
}

function encodeManifest(moment: Moment, view: View): Buffer {
  const head = JSON.stringify({
    cursor: moment.cursor,
    revision: revisionOf(moment.cursor),
    committedAt: instant(moment.committedAt),
    view: viewToJson(view),
  });
  const compositors: string[] = [];
  for (const [id, entry] of moment.compositors(view)) compositors.push(`"${id}":${JSON.stringify(entry)}`);
  const tiles: string[] = [];
  for (const [key, tile] of moment.tiles(view)) tiles.push(`"${key}":${JSON.stringify(tile)}`);
  const text = `${head.slice(0, -1)},"compositors":{${compositors.join(',')}},"tiles":{${tiles.join(',')}}}\n`;
  return Buffer.from(text);
}

function encodeTileFile(moment: Moment): Buffer {
  const tiles: string[] = [];
  for (const [key, tile] of moment.tiles(WHOLE)) tiles.push(`"${key}":${fileEntry(tile)}`);
  return Buffer.from(`{${tiles.join(',')}}\n`);
}

function fileEntry({ brick, timestamp }: Tile): string {
  return JSON.stringify({ brick, timestamp });
}
