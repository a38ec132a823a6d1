import { revisionOf } from '../../domain/cursor.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
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
  manifest(manifest: ManifestAt, view: View): Document {
    const etag = manifestEtag(manifest, view);
    if (!isWhole(view)) return { etag, body: encodeManifest(manifest, view) };
    if (this.#whole?.etag !== etag) this.#whole = { etag, body: encodeManifest(manifest, view) };
    return this.#whole;
  }

  /** `GET /manifest/tiles`: exactly the file that InfiniteMap polls, `{"x,y": {brick, timestamp}}`. */
  tileFile(manifest: ManifestAt): Document {
    const etag = `"${manifest.cursor}"`;
    if (this.#tileFile?.etag !== etag) this.#tileFile = { etag, body: encodeTileFile(manifest) };
    return this.#tileFile;
  }
}

export function manifestEtag(manifest: ManifestAt, view: View): string {
  const hash = viewHash(view);
  return hash === '' ? `"${manifest.cursor}"` : `"${manifest.cursor}@${hash}"`;
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

function encodeManifest(manifest: ManifestAt, view: View): Buffer {
  const head = JSON.stringify({
    cursor: manifest.cursor,
    revision: revisionOf(manifest.cursor),
    committedAt: instant(manifest.committedAt),
    view: viewToJson(view),
  });
  const compositors: string[] = [];
  for (const [id, entry] of manifest.compositors(view)) compositors.push(`"${id}":${JSON.stringify(entry)}`);
  const tiles: string[] = [];
  for (const [key, tile] of manifest.tiles(view)) tiles.push(`"${key}":${JSON.stringify(tile)}`);
  const text = `${head.slice(0, -1)},"compositors":{${compositors.join(',')}},"tiles":{${tiles.join(',')}}}\n`;
  return Buffer.from(text);
}

function encodeTileFile(manifest: ManifestAt): Buffer {
  const tiles: string[] = [];
  for (const [key, tile] of manifest.tiles(WHOLE)) tiles.push(`"${key}":${fileEntry(tile)}`);
  return Buffer.from(`{${tiles.join(',')}}\n`);
}

function fileEntry({ brick, timestamp }: Tile): string {
  return JSON.stringify({ brick, timestamp });
}
