import { hasEndpoint, makeCompositor, slugOf, type Compositor, type CompositorFields } from './compositor.ts';
import { DomainError, invalid } from './errors.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { sameEndpoint, type Endpoint } from './connection-status.ts';
import { emptyPatch, patchOf, type Patch } from './patch.ts';
import { regionsOf } from './reserving.ts';
import type { LeaseName, LeaseTerm } from './lease.ts';
import { limitsOf, type RegistrationLimits } from './registration-limits.ts';
import { requireInView } from './token-limits.ts';
import { addressProblem } from './multiaddr.ts';
import { hasScope, isBound, type Principal } from './token.ts';

/** What a compositor says of itself. */
export type Description = Pick<
  Compositor,
  'name' | 'version' | 'platform' | 'protocol' | 'address' | 'port'
> &
  Partial<Pick<Compositor, 'labels' | 'capabilities' | 'commands'>>;

export interface Registration extends Description {
  readonly id?: string;
  /** Seconds. */
  readonly ttl?: number;
  readonly instance?: string;
}

/** A compositor as a configuration lists it. */
export interface StaticCompositor extends Description {
  readonly id: string;
  readonly enabled?: boolean;
  readonly limits?: RegistrationLimits;
}

/** A merge patch (RFC 7396): null takes a field away. */
export type DescriptionChange = {
  readonly [K in Exclude<keyof Description, 'name' | 'labels'>]?: Description[K] | null;
} & {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string | null>> | null;
  readonly ttl?: number;
  readonly enabled?: boolean;
};

export interface RegisterOptions {
  /** `claim` takes an id only when it is free or stale (POST); `take` takes it over (PUT). */
  readonly mode: 'claim' | 'take';
  /** The generation to give when this is a new registration. */
  readonly generation: string;
  /** Seconds, when the registration names none. */
  readonly ttl: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly principal?: Principal | undefined;
  /** The generation that the writer holds: it describes its registration again, and keeps it. */
  readonly holder?: string | undefined;
}

export interface Registered {
  readonly entry: Compositor;
  /** A new id, or (by POST) a new registration. */
  readonly created: boolean;
  readonly grant: LeaseTerm;
  readonly drops: LeaseName[];
}

/** Throws `id-taken`, `invalid-request` and `forbidden`. */
export function register(
  manifest: ManifestReader,
  wanted: Registration,
  options: RegisterOptions,
): Registered {
  const id = idOf(wanted);
  requireAddress(wanted, wanted);
  const before = manifest.compositor(id);
  const taken = (why: string) => new DomainError('id-taken', `${JSON.stringify(id)} ${why}`);
  if (before?.managedBy !== undefined) throw taken(`is listed in the configuration of ${before.managedBy}`);
  const same = isSame(before, wanted, options.holder) ? before : undefined;
  if (options.mode === 'claim' && before && before.staleAt === undefined && !same)
    throw taken('is registered and alive');
  const generation = same?.generation ?? options.generation;
  const ttl = wanted.ttl ?? options.ttl;
  const entry = makeCompositor({
    ...wanted,
    id,
    enabled: before?.enabled,
    ttl,
    generation,
    limits: limitsOf(options.principal),
    registeredAt: same?.registeredAt ?? new Date(options.now).toISOString(),
    // Who dialed in did it for its own registration: another has no link yet.
    ...(same || hasEndpoint(wanted) ? stillSeen(before, wanted) : {}),
  });
  requireConnect(options.principal, before, entry);
  return {
    entry,
    created: options.mode === 'claim' ? !same : !before,
    grant: { id, generation, ttl },
    drops:
      before?.generation !== undefined && before.generation !== generation
        ? [{ id, generation: before.generation }]
        : [],
  };
}

/** Whether it is the same registration again: by the same run of the compositor, or by who holds it. */
function isSame(
  before: Compositor | undefined,
  wanted: Registration,
  holder: string | undefined,
): before is Compositor {
  if (!before) return false;
  if (holder !== undefined && holder === before.generation) return true;
  return before.instance !== undefined && before.instance === wanted.instance;
}

function idOf(wanted: Registration): string {
  const id = wanted.id ?? slugOf(wanted.name);
  if (id === undefined) throw invalid('body', '/id', 'no id can be made of this name; give one');
  return id;
}

/** What a connector observed, as long as it would still connect to the same endpoint. */
function stillSeen(before: Compositor | undefined, now: Endpoint): Pick<CompositorFields, 'link' | 'info'> {
  const seen = before && sameEndpoint(before, now) ? before : undefined;
  return { link: seen?.link, info: seen?.info };
}

/** Names the field of `change` that is to blame for an address that its protocol cannot have. */
function requireAddress(after: Endpoint, change: { readonly address?: unknown }): void {
  const problem = addressProblem(after);
  if (problem === undefined) return;
  const isGiven = change.address !== undefined;
  throw isGiven
    ? invalid('body', '/address', problem)
    : invalid('body', '/protocol', `the address ${problem}`);
}

/** The entry after a merge patch. Throws `invalid-request` and `forbidden`. */
export function describe(entry: Compositor, change: DescriptionChange, principal?: Principal): Compositor {
  const { labels, capabilities, ...rest } = change;
  const given: { [K in keyof Description]?: Description[K] } = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, value ?? undefined]),
  );
  const changed = makeCompositor({
    ...entry,
    ...given,
    ...stillSeen(entry, { ...entry, ...given }),
    labels: labels === null ? {} : mergeLabels(entry.labels, labels ?? {}),
    capabilities: capabilities === undefined ? entry.capabilities : (capabilities ?? []),
    // Only a compositor with a lease has a TTL; giving one to another would make it look leased.
    ttl: entry.ttl === undefined ? undefined : (change.ttl ?? entry.ttl),
    limits: limitsAfter(entry, { ...entry, ...given }, principal),
  });
  // An entry that was stored before there was this rule can still get a label.
  if (!sameEndpoint(entry, changed)) requireAddress(changed, change);
  requireConnect(principal, entry, changed);
  return changed;
}

/** Whoever is limited and gives another address speaks from there, too. Anyone else's change leaves the limits as they are. */
function limitsAfter(
  before: Compositor,
  after: Endpoint,
  principal: Principal | undefined,
): RegistrationLimits | undefined {
  return (sameEndpoint(before, after) ? undefined : limitsOf(principal)) ?? before.limits;
}

function mergeLabels(
  labels: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = new Map(Object.entries(labels));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** The entry of a compositor that the configuration of `daemon` lists; what else is known of it stays. */
export function staticEntry(
  before: Compositor | undefined,
  wanted: StaticCompositor,
  daemon: string,
  now: number,
): Compositor {
  return makeCompositor({
    ...wanted,
    managedBy: daemon,
    registeredAt: before?.registeredAt ?? new Date(now).toISOString(),
    ...stillSeen(before, wanted),
  });
}

/** Sets one entry, and no tile. */
export function entryPatch(entry: Compositor): Patch {
  return patchOf({ compositors: new Map([[entry.id, entry]]) });
}

/** A compositor's end. */
export interface Removal {
  readonly patch: Patch;
  /** Its id, when its tiles are too many to be named in `patch`: they go all the same. */
  readonly withdraws?: string;
  /** The leases of its regions. */
  readonly drops: readonly LeaseName[];
}

/** More tiles than this are withdrawn: naming each would hold up everybody else. */
export const NAMED_AT_MOST = 1000;

/** A compositor goes with all its tiles and regions. Throws `forbidden` when the token of who wants it may not remove one of them. */
export function removal(
  manifest: ManifestReader,
  id: string,
  {
    principal,
    namedAtMost = NAMED_AT_MOST,
  }: { principal?: Principal | undefined; namedAtMost?: number | undefined } = {},
): Removal {
  requireInView(principal, manifest.tilesOf(id));
  const patch = emptyPatch();
  patch.compositors.set(id, null);
  const { ids, leases: drops } = regionsOf(manifest, id);
  for (const region of ids) patch.regions.set(region, null);
  if (manifest.usageOf(id).tiles > namedAtMost) return { patch, withdraws: id, drops };
  for (const key of manifest.tilesOf(id)) patch.tiles.set(key, null);
  return { patch, drops };
}

/**
 * Throws `forbidden` when a limited token without the scope `connect` gives a compositor an address, or commands at an address: the daemon
 * would connect there, show what is there to every reader, take its messages for those of the compositor, and send it requests that others
 * take for something else.
 */
function requireConnect(
  principal: Principal | undefined,
  before: Compositor | undefined,
  after: Compositor,
): void {
  if (!principal || !isBound(principal) || hasScope(principal, 'connect')) return;
  if (after.address === undefined) return;
  const sameAddress = before && sameEndpoint(before, after);
  const { commands } = after;
  if (sameAddress && (!commands || JSON.stringify(before.commands) === JSON.stringify(commands))) return;
  const what = sameAddress ? 'commands' : 'address';
  throw new DomainError(
    'forbidden',
    `this token may not give a compositor ${sameAddress ? what : `an ${what}`}: that needs the scope connect`,
    { errors: [{ in: 'body', field: `/${what}`, detail: 'needs the scope connect' }] },
  );
}
