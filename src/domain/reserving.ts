import { DomainError, invalid, type RegionInWay } from './errors.ts';
import { requireHolder, type Writer } from './holder.ts';
import type { LeaseName } from './lease.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { isRegionId, rectOfRegion, type Region } from './region.ts';
import type { Cell } from './tile.ts';
import { coversCompositor, hasScope, isBound, type Principal } from './token.ts';
import { formatRect, rectCovers, type Rect } from './view.ts';

/** What a compositor wants to hold. */
export interface Reservation {
  readonly compositor: string;
  readonly rect: Rect;
  /** By default empty. */
  readonly purpose?: string;
  /** By default true. */
  readonly exclusive?: boolean;
  /** Seconds. */
  readonly ttl?: number;
}

/** Regions named in one error. */
const MAX_REGIONS = 20;

/**
 * Whether `region` may be in the manifest: two that touch belong to one compositor, or neither is exclusive. Throws `region-taken` with those
 * that are in the way, and `forbidden` when the token of who wants it does not reach so far.
 */
export function requireRoom(manifest: ManifestReader, region: Region, principal?: Principal): void {
  requireReach(region, principal);
  const inWay: RegionInWay[] = [];
  for (const [id, other] of manifest.regionsIn(rectOfRegion(region)))
    if (other.compositor !== region.compositor && (region.exclusive || other.exclusive))
      inWay.push(asInWay(id, other));
  if (inWay.length === 0) return;
  const [{ id, compositor }] = inWay as [RegionInWay];
  const more = inWay.length > 1 ? ` and ${inWay.length - 1} more` : '';
  throw new DomainError('region-taken', `it touches the region ${id} of ${compositor}${more}`, {
    errors: [{ in: 'body', field: '/rect', detail: `touches the region ${id} of ${compositor}` }],
    regions: inWay.slice(0, MAX_REGIONS),
  });
}

/**
 * A token with a rectangle reserves inside of it only. One that is limited to some compositors, and not to a rectangle, keeps nobody out of any
 * part of the plane: an exclusive region needs the scope `takeover` then, as other compositors' tiles do.
 */
function requireReach(region: Region, principal: Principal | undefined): void {
  if (!principal || !isBound(principal)) return;
  const forbidden = (field: string, detail: string) =>
    new DomainError('forbidden', `this token may not reserve that: ${field.slice(1)} ${detail}`, {
      errors: [{ in: 'body', field, detail }],
    });
  const { view } = principal;
  if (view && !rectCovers(view, rectOfRegion(region)))
    throw forbidden('/rect', `is not within ${formatRect(view)}, which this token is for`);
  if (!view && region.exclusive && !hasScope(principal, 'takeover'))
    throw forbidden('/exclusive', 'needs a token with a rectangle, or with the scope takeover');
}

/** The region `id`. Throws `not-found`, and `forbidden` when the token is for other compositors. */
export function requireRegion(
  manifest: Pick<ManifestReader, 'region'>,
  id: string,
  principal?: Principal,
): Region {
  const region = isRegionId(id) ? manifest.region(id) : undefined;
  if (!region)
    throw new DomainError('not-found', `there is no region ${JSON.stringify(id)}; it may have ended`);
  requireCovered(region.compositor, principal);
  return region;
}

/**
 * The region `id`, if the writer may write for it: with a generation it must be that of the region's own lease, or the one that holds the
 * lease of its compositor. Throws `not-found`, `lease-lost`, and `forbidden` when the token is for other compositors.
 */
export function requireOwnRegion(
  manifest: ManifestReader,
  id: string,
  { generation, principal }: Writer,
): Region {
  const region = requireRegion(manifest, id, principal);
  requireHolder(manifest, region.compositor, generation === region.generation ? undefined : generation);
  return region;
}

/** Throws `forbidden` when the token is limited to other compositors than `id`. */
export function requireCovered(id: string, principal: Principal | undefined): void {
  if (principal?.compositors && !coversCompositor(principal, id))
    throw new DomainError('forbidden', `this token is for other compositors than ${JSON.stringify(id)}`);
}

/** The exclusive region of another compositor than `owner` in which a cell lies. */
export function regionAgainst(
  manifest: ManifestReader,
  owner: string,
  { x, y }: Cell,
): RegionInWay | undefined {
  for (const [id, region] of manifest.regionsIn({ x1: x, y1: y, x2: x, y2: y }))
    if (region.exclusive && region.compositor !== owner) return asInWay(id, region);
  return undefined;
}

/** The regions of a compositor, and the names of their leases. */
export function regionsOf(
  manifest: ManifestReader,
  id: string,
): { readonly ids: readonly string[]; readonly leases: readonly LeaseName[] } {
  // All regions are looked at only for those who have one.
  const own =
    manifest.usageOf(id).regions === 0
      ? []
      : Array.from(manifest.regionsIn()).filter(([, { compositor }]) => compositor === id);
  return { ids: own.map(([each]) => each), leases: own.map(leaseOfRegion) };
}

export function leaseOfRegion([id, { generation }]: readonly [string, Region]): LeaseName {
  return { id, generation };
}

/** An error for a repeated key with another request. */
export function otherRequest(): DomainError {
  return invalid('header', 'Idempotency-Key', 'was sent before, with another region');
}

function asInWay(id: string, { rect, compositor, purpose, exclusive }: Region): RegionInWay {
  return { id, rect, compositor, purpose, exclusive };
}
