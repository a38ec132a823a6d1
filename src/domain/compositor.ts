import { routesInOrder, type CommandRoutes } from './command-routes.ts';
import type { RegistrationLimits } from './registration-limits.ts';

/** What the manifest says a compositor is doing. Derived from the rest of the entry by {@link statusOf}. */
export const STATUSES = ['registered', 'connected', 'disconnected', 'stale', 'stopped'] as const;
export type Status = (typeof STATUSES)[number];

export const PROTOCOLS = ['http', 'https', 'ws', 'wss', 'libp2p'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** A registered display server, as it stands in the manifest. */
export interface Compositor {
  readonly id: string;
  readonly name: string;
  readonly status: Status;
  readonly version?: string;
  readonly platform?: string;
  readonly protocol?: Protocol;
  readonly address?: string;
  readonly port?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  /** The commands that it takes as requests of its own HTTP API; absent: it takes commands as they come. */
  readonly commands?: CommandRoutes;
  /** False: the operator stopped it. */
  readonly enabled: boolean;
  /** Seconds a renewal lasts. Absent on a compositor from the configuration: it holds no lease. */
  readonly ttl?: number;
  /** Which registration of this id holds the lease; fences the ones before it. */
  readonly generation?: string;
  /** What the compositor calls this run of itself: the same instance registers again without a new generation. */
  readonly instance?: string;
  /** The daemon whose configuration lists it, if one does. */
  readonly managedBy?: string;
  /** What it is held to when it writes over its own connection; absent: nothing but the rules for all. */
  readonly limits?: RegistrationLimits;
  /** RFC 3339. */
  readonly registeredAt: string;
  /** RFC 3339; present while its lease has run out. */
  readonly staleAt?: string;
  /** Whether its connection lasts, whoever opened it; absent while none is kept. */
  readonly link?: Link;
  /** What it says of itself over its connection, at most 4 KiB as JSON; present while it is connected, if it says anything. */
  readonly info?: Info;
}

export type Link = 'connected' | 'disconnected';
export type Info = Readonly<Record<string, unknown>>;

/** Everything of a compositor but what is derived. A field that is absent or undefined is left out of the entry. */
export type CompositorFields = {
  [K in keyof Omit<Compositor, 'status'>]?: Compositor[K] | undefined;
} & Pick<Compositor, 'id' | 'name' | 'registeredAt'>;

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const ID_PATTERN = ID.source;

export function isCompositorId(text: string): boolean {
  return ID.test(text);
}

export function statusOf(entry: Partial<CompositorFields>): Status {
  if (entry.enabled === false) return 'stopped';
  if (entry.staleAt !== undefined) return 'stale';
  return entry.link ?? 'registered';
}

/** Whether it may have a connection: it is not stopped, and its lease has not run out. */
export function isLive(entry: Partial<CompositorFields>): boolean {
  return entry.enabled !== false && entry.staleAt === undefined;
}

/** Whether it says where it listens, so that the daemon connects to it. One without an endpoint may dial in. */
export function hasEndpoint(entry: Partial<CompositorFields>): boolean {
  if (entry.protocol === undefined || entry.address === undefined) return false;
  // A multiaddr names the port, too.
  return entry.port !== undefined || entry.protocol === 'libp2p';
}

/** Whether some replica shall hold its connection: the daemon connects to it, or it has dialed in. */
export function isWatched(entry: Partial<CompositorFields>): boolean {
  return isLive(entry) && (hasEndpoint(entry) || entry.link === 'connected');
}

/**
 * The entry with its status derived, without what only a connection can know when it may have none. Absent fields are left
 * out and keys are in one order, so that two equal entries are equal as JSON, on every replica and after every trip
 * through a store.
 */
export function makeCompositor(fields: CompositorFields): Compositor {
  const link = isLive(fields) ? fields.link : undefined;
  const entry: Record<string, unknown> = {
    id: fields.id,
    name: fields.name,
    status: statusOf({ ...fields, link }),
    version: fields.version,
    platform: fields.platform,
    protocol: fields.protocol,
    address: fields.address,
    port: fields.port,
    labels: sortedLabels(fields.labels ?? {}),
    capabilities: fields.capabilities ?? [],
    commands: fields.commands && routesInOrder(fields.commands),
    enabled: fields.enabled ?? true,
    ttl: fields.ttl,
    generation: fields.generation,
    instance: fields.instance,
    managedBy: fields.managedBy,
    limits: fields.limits,
    registeredAt: fields.registeredAt,
    staleAt: fields.staleAt,
    link,
    info: link === 'connected' ? fields.info : undefined,
  };
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== undefined),
  ) as unknown as Compositor;
}

function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function sameCompositor(a: Compositor | null | undefined, b: Compositor | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** An id made of a name: `Geometry Compositor 1` -> `geometry-compositor-1`; undefined when nothing is left of it. */
export function slugOf(name: string): string | undefined {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 64)
    .replace(/-+$/, '');
  return slug === '' ? undefined : slug;
}
