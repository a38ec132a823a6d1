import { revisionOf } from '../../domain/cursor.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { formatRect, viewHash, type View } from '../../domain/view.ts';

export function manifestEtag(manifest: ManifestAt, view: View): string {
  const hash = viewHash(view);
  return hash === '' ? `"${manifest.cursor}"` : `"${manifest.cursor}@${hash}"`;
}

/** A view as replies and stream frames show it; null for the whole map. Only an overview has a zoom. */
export function viewToJson(view: View): { rect: string | null; compositors: string[] | null; zoom?: number } {
  return {
    rect: view.rect ? formatRect(view.rect) : null,
    compositors: view.compositors ? [...view.compositors].sort() : null,
    ...(view.zoom !== undefined && { zoom: view.zoom }),
  };
}

/** RFC 3339, or null for the empty history, which nobody committed. */
export function instant(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString();
}

/** The members before the two maps. */
export function headOf(manifest: ManifestAt, view: View): string {
  const head = JSON.stringify({
    cursor: manifest.cursor,
    revision: revisionOf(manifest.cursor),
    committedAt: instant(manifest.committedAt),
    view: viewToJson(view),
  });
  return `${head.slice(0, -1)},`;
}
