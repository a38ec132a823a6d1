import type { Compositor } from './compositor.ts';
import { DomainError, type QuotaExcess } from './errors.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { invert, type Patch } from './patch.ts';
import { coversCompositor, type TokenLimits } from './token.ts';
import { addUsage, NO_USAGE, UsageCounts, type Usage } from './usage.ts';

/** The quotas of a daemon; what is left out is not limited. */
export interface QuotaSettings {
  readonly compositors?: number | undefined;
  readonly tiles?: number | undefined;
  readonly regions?: number | undefined;
  readonly bytes?: number | undefined;
  /** UTF-8 bytes of one compositor's entry as JSON. */
  readonly entryBytes?: number | undefined;
  readonly tilesPerCompositor?: number | undefined;
  /** For tokens that are limited to some compositors and name no quota of tiles. */
  readonly tilesPerToken?: number | undefined;
  readonly bytesPerCompositor?: number | undefined;
}

/** What limits one write. */
export interface WriteLimits {
  readonly settings: QuotaSettings;
  /** Who writes; absent when a compositor writes over its connection. */
  readonly principal?: TokenLimits | undefined;
}

const KINDS = ['compositors', 'tiles', 'regions', 'bytes'] as const;
type Limits = { readonly [K in keyof Usage]?: number | undefined };

/**
 * The quota that `patch` would exceed. A write that adds nothing to what is over its quota is never in excess: whoever is
 * over it may still replace and remove.
 */
export function findExcess(
  manifest: ManifestReader,
  patch: Patch,
  undo: Patch,
  { settings, principal }: WriteLimits,
): QuotaExcess | undefined {
  const large = findLargeEntry(patch, undo, settings.entryBytes);
  if (large) return large;
  const change = new UsageCounts().countPatch(patch, undo);
  const total = excessOf('quota.', '', settings, manifest.usage, change.total);
  if (total) return total;
  const each = { tiles: settings.tilesPerCompositor, bytes: settings.bytesPerCompositor };
  for (const [id, usage] of change.owners()) {
    const own = excessOf('quota.', 'PerCompositor', each, manifest.usageOf(id), usage);
    if (own) return own;
  }
  if (!principal?.quota && !principal?.compositors) return undefined;
  const reach = { compositors: principal.compositors };
  const preset = { tiles: principal.compositors && settings.tilesPerToken };
  const quota = { ...preset, ...principal.quota };
  const own = changeOf(change, reach);
  // Finding all compositors of a prefix costs the whole fleet: not for a write that adds nothing.
  if (!KINDS.some((kind) => quota[kind] !== undefined && own[kind] > 0)) return undefined;
  return excessOf('token.', '', quota, usageOf(manifest, reach), own);
}

/** Throws `quota-exceeded`; else returns the inverse of `patch`. */
export function requireWithinQuotas(manifest: ManifestReader, patch: Patch, limits: WriteLimits): Patch {
  const undo = invert(manifest, patch);
  const excess = findExcess(manifest, patch, undo, limits);
  if (!excess) return undo;
  const { quota, limit, used, needed } = excess;
  const text = `${quota} is ${limit}; ${used} are used, and this write would make it ${needed}`;
  throw new DomainError('quota-exceeded', text, { quota: excess });
}

/** The quotas that are exceeded as things stand, by an older store or a lowered setting. */
export function exceededQuotas(
  usage: Usage,
  quota: Limits,
): { quota: string; limit: number; used: number }[] {
  return KINDS.flatMap((kind) => {
    const limit = quota[kind];
    return limit !== undefined && usage[kind] > limit
      ? [{ quota: `quota.${kind}`, limit, used: usage[kind] }]
      : [];
  });
}

/**
 * `quota.bytes` where nobody set it: what a heap of `heap` bytes has left beside the process and a history of `history`
 * bytes (whose commits take twice their encoded size), with a quarter of it free for the requests under way.
 */
export function defaultBytes(heap: number, history: number): number {
  return Math.max(MIN_BYTES, Math.floor((heap - PROCESS_BYTES - 2 * history) * 0.75));
}

const MIN_BYTES = 16 * 2 ** 20;
const PROCESS_BYTES = 64 * 2 ** 20;

function excessOf(
  prefix: string,
  suffix: string,
  quota: Limits,
  before: Usage,
  change: Usage,
): QuotaExcess | undefined {
  for (const kind of KINDS) {
    const limit = quota[kind];
    const needed = before[kind] + change[kind];
    if (limit !== undefined && change[kind] > 0 && needed > limit)
      return { quota: `${prefix}${kind}${suffix}`, limit, used: before[kind], needed };
  }
  return undefined;
}

function findLargeEntry(patch: Patch, undo: Patch, limit: number | undefined): QuotaExcess | undefined {
  if (limit === undefined) return undefined;
  for (const [id, entry] of patch.compositors) {
    const needed = entrySize(entry);
    const used = entrySize(undo.compositors.get(id));
    if (needed > limit && needed > used) return { quota: 'quota.entryBytes', limit, used, needed };
  }
  return undefined;
}

function entrySize(entry: Compositor | null | undefined): number {
  return entry ? Buffer.byteLength(JSON.stringify(entry)) : 0;
}

/** What the compositors take up that a token may write: they are its own, so nobody has to remember who made them. */
function usageOf(manifest: ManifestReader, token: TokenLimits): Usage {
  if (!token.compositors) return manifest.usage;
  const ids = token.compositors.some((pattern) => pattern.endsWith('*'))
    ? Array.from(manifest.compositors(), ([id]) => id).filter((id) => coversCompositor(token, id))
    : [...new Set(token.compositors)];
  return ids.reduce((sum, id) => addUsage(sum, manifest.usageOf(id)), NO_USAGE);
}

function changeOf(change: UsageCounts, token: TokenLimits): Usage {
  if (!token.compositors) return change.total;
  let sum = NO_USAGE;
  for (const [id, usage] of change.owners()) if (coversCompositor(token, id)) sum = addUsage(sum, usage);
  return sum;
}
