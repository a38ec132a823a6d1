import {
  DomainError,
  invalid,
  type ErrorExtras,
  type ErrorKind,
  type FieldError,
  type RegionInWay,
} from './errors.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { MutablePatch } from './patch.ts';
import { regionAgainst } from './reserving.ts';
import { cellOf, sameTile, secondsOf } from './tile.ts';
import { isInView, mayTakeOver, outsideView, requireInView } from './token-limits.ts';
import { isBound, type Principal } from './token.ts';
import { rectHas, type Rect } from './view.ts';

/** A tile as its compositor sends it; the owner is who sends it. */
export interface TileWrite {
  readonly brick: string;
  /** Unix seconds, or milliseconds ({@link secondsOf}). Left out: kept if the brick is the same, else now. */
  readonly timestamp?: number;
}

/** By tile key; null removes. */
export type TileWrites = ReadonlyMap<string, TileWrite | null>;
type TilePatch = MutablePatch['tiles'];

/** Seconds that a timestamp may be ahead of the daemon's clock. */
export const MAX_AHEAD = 300;

/** Tiles that one request may remove without naming them: as many as it may name. */
const MAX_REMOVED = 10_000;

/** Fields named in one error; a hostile request may have thousands. */
const MAX_ERRORS = 20;

/**
 * The tiles that `writes` by `owner` lead to. Another's tile is taken over only with a newer timestamp: the
 * request is rejected whole otherwise (`tile-taken`). Removing a tile of another does nothing. In an exclusive region of another
 * nothing may be written (`region-taken`), but what is there may stay or be removed.
 *
 * A limited token (`principal`) takes over only what is its own or with the scope `takeover`, and reaches only its rectangle
 * (`forbidden`). A timestamp of it that lies ahead counts as left out: with it the token could keep what others write later.
 *
 * @param now Unix seconds.
 */
export function publish(
  manifest: ManifestReader,
  owner: string,
  writes: TileWrites,
  now: number,
  principal?: Principal,
): TilePatch {
  const { tiles, ahead, taken, barred } = validate(manifest, owner, writes, now, principal);
  if (ahead.length > 0) throw rejection('invalid-request', 'timestamps too far ahead', ahead);
  if (barred.errors.length > 0)
    throw rejection(
      'region-taken',
      'these cells lie in exclusive regions of other compositors',
      barred.errors,
      {
        regions: [...barred.regions.values()],
      },
    );
  if (taken.length > 0) throw rejection('tile-taken', 'these tiles belong to other compositors', taken);
  requireInView(principal, tiles.keys());
  return tiles;
}

/** {@link publish}, each tile on its own: those that are rejected are left out and reported. */
export function publishEach(
  manifest: ManifestReader,
  owner: string,
  writes: TileWrites,
  now: number,
  principal?: Principal,
): { tiles: TilePatch; rejected: FieldError[] } {
  const inView = new Map<string, TileWrite | null>();
  const outside: FieldError[] = [];
  for (const [key, write] of writes) {
    if (isInView(principal, key)) inView.set(key, write);
    else outside.push(outsideView(key));
  }
  const { tiles, ahead, taken, barred } = validate(manifest, owner, inView, now, principal);
  return { tiles, rejected: [...ahead, ...barred.errors, ...taken, ...outside] };
}

function validate(
  manifest: ManifestReader,
  owner: string,
  writes: TileWrites,
  now: number,
  principal?: Principal,
) {
  const bound = principal !== undefined && isBound(principal);
  const tiles: TilePatch = new Map();
  const ahead: FieldError[] = [];
  const taken: FieldError[] = [];
  const barred = { errors: [] as FieldError[], regions: new Map<string, RegionInWay>() };
  const hasRegions = manifest.usage.regions > 0;
  for (const [key, write] of writes) {
    const before = manifest.tile(key);
    if (write === null) {
      if (before?.compositor === owner) tiles.set(key, null);
      continue;
    }
    const kept = before?.compositor === owner && before.brick === write.brick ? before.timestamp : now;
    const given = write.timestamp === undefined ? kept : secondsOf(write.timestamp);
    const timestamp = bound && given > now ? kept : given;
    const tile = { brick: write.brick, timestamp, compositor: owner };
    const region = hasRegions ? regionAgainst(manifest, owner, cellOf(key)) : undefined;
    if (given > now + MAX_AHEAD) {
      ahead.push(bodyError(`/${key}/timestamp`, `is more than ${MAX_AHEAD} s ahead of now`));
    } else if (region && !sameTile(before, tile)) {
      const detail = `lies in the exclusive region ${region.id} of ${region.compositor}`;
      barred.errors.push(bodyError(`/${key}`, detail));
      if (barred.regions.size < MAX_ERRORS) barred.regions.set(region.id, region);
    } else if (before && before.compositor !== owner && !mayTakeOver(principal, before.compositor)) {
      const detail = `belongs to ${before.compositor}; this token needs the scope takeover`;
      taken.push(bodyError(`/${key}`, detail));
    } else if (before && before.compositor !== owner && timestamp <= before.timestamp) {
      const detail = `belongs to ${before.compositor} since ${when(before.timestamp)}; a newer timestamp takes it over`;
      taken.push(bodyError(`/${key}`, detail));
    } else {
      tiles.set(key, tile);
    }
  }
  return { tiles, ahead, taken, barred };
}

/** {@link publish}, and every other tile of `owner` (within `rect`, if given) goes. Throws `invalid-request` for writes outside it. */
export function publishExactly(
  manifest: ManifestReader,
  owner: string,
  writes: ReadonlyMap<string, TileWrite>,
  now: number,
  rect?: Rect,
  principal?: Principal,
): TilePatch {
  if (rect) {
    const outside = [...writes.keys()].filter((key) => !rectHas(rect, cellOf(key)));
    if (outside.length > 0) {
      const errors = outside.map((key) => bodyError(`/${key}`, 'is outside the view'));
      throw rejection('invalid-request', 'tiles outside the view', errors);
    }
  }
  const tiles = publish(manifest, owner, writes, now, principal);
  let removed = 0;
  for (const key of manifest.tilesOf(owner, rect)) {
    if (writes.has(key)) continue;
    if (++removed > MAX_REMOVED)
      throw invalid('query', 'view', `more than ${MAX_REMOVED} tiles would go at once; choose smaller parts`);
    tiles.set(key, null);
  }
  requireInView(principal, tiles.keys());
  return tiles;
}

function bodyError(field: string, detail: string): FieldError {
  return { in: 'body', field, detail };
}

function rejection(
  kind: ErrorKind,
  message: string,
  errors: FieldError[],
  extras: ErrorExtras = {},
): DomainError {
  const more = errors.length > MAX_ERRORS ? ` (the first ${MAX_ERRORS} of ${errors.length})` : '';
  return new DomainError(kind, message + more, { ...extras, errors: errors.slice(0, MAX_ERRORS) });
}

/** A timestamp as it is written, and as people read it. */
function when(timestamp: number): string {
  const date = new Date(timestamp * 1000);
  // A store may hold what no calendar has.
  return Number.isNaN(date.getTime()) ? `${timestamp}` : `${timestamp} (${date.toISOString()})`;
}
