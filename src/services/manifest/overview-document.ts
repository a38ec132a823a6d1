import type { Areas } from '../../domain/area-tree.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import type { View } from '../../domain/view.ts';
import type { Document } from './latest-document.ts';
import { headOf, manifestEtag } from './manifest-head.ts';

/** Most areas in one reply; they are encoded in one turn, so that all are those of one cursor. */
const MOST_AREAS = 10_000;

/** `GET /manifest` with a zoom: `areas` are those of `manifest`, which is the present one. Throws `invalid-request` for too many. */
export function overviewDocument(manifest: ManifestAt, view: View, areas: Areas): Document {
  const texts: string[] = [];
  let looked = 0;
  for (const entry of areas.areasIn(view)) {
    if (++looked > MOST_AREAS) throw tooMany();
    if (entry) texts.push(`"${entry[0]}":${JSON.stringify(entry[1])}`);
  }
  const compositors: string[] = [];
  for (const [id, entry] of manifest.compositors(view)) compositors.push(`"${id}":${JSON.stringify(entry)}`);
  const head = headOf(manifest, view);
  return {
    cursor: manifest.cursor,
    etag: manifestEtag(manifest, view),
    body: Buffer.from(`${head}"compositors":{${compositors.join(',')}},"areas":{${texts.join(',')}}}\n`),
  };
}

function tooMany(): DomainError {
  const detail = `there are more than ${MOST_AREAS} areas in view; choose a larger zoom or a smaller view, or follow the stream`;
  return new DomainError('invalid-request', detail, { errors: [{ in: 'query', field: 'zoom', detail }] });
}
