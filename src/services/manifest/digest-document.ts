import type { LongWork } from '../../concurrency/long-work.ts';
import { formatDigest, sumOf } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { digestsIn } from '../../domain/square-digests.ts';
import type { View } from '../../domain/view.ts';
import type { Document } from './latest-document.ts';
import { headOf, manifestEtag } from './manifest-head.ts';
import { readInSlices } from './sliced-read.ts';

/** Most digests in one reply, about 300 KB. */
const MOST_DIGESTS = 10_000;

export interface DigestQuery {
  readonly view: View;
  readonly zoom: number;
  /** Nobody needs the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * `GET /manifest/digests`: the digest of each square of 2^zoom x 2^zoom cells, and that of the view. Throws `invalid-request` for too
 * many, and `overloaded`.
 */
export async function digestDocument(
  work: LongWork,
  manifest: ManifestAt,
  { view, zoom, signal }: DigestQuery,
): Promise<Document> {
  const steps = digestsIn(manifest, view, { zoom, limit: MOST_DIGESTS });
  const digests = await readInSlices(work, steps, signal);
  if (!digests) throw tooMany();
  const digest = formatDigest(sumOf(digests.values()));
  const members = [...digests].map(([name, each]) => `"${name}":"${formatDigest(each)}"`);
  const head = headOf(manifest, view);
  return {
    cursor: manifest.cursor,
    etag: manifestEtag(manifest, view),
    body: Buffer.from(`${head}"zoom":${zoom},"digest":"${digest}","digests":{${members.join(',')}}}\n`),
  };
}

function tooMany(): DomainError {
  const detail = `there are more than ${MOST_DIGESTS} squares with tiles in view; choose a larger zoom or a smaller view`;
  return new DomainError('invalid-request', detail, { errors: [{ in: 'query', field: 'zoom', detail }] });
}
