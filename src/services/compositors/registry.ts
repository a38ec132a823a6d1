import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import { principalOf, renewalOf, requireHolder, renewed, type Writer } from '../../domain/holder.ts';
import { isLeased, type LeaseName, type LeaseTerm } from '../../domain/lease.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { compose, emptyPatch } from '../../domain/patch.ts';
import type { QuotaSettings } from '../../domain/quota.ts';
import {
  describe,
  NAMED_AT_MOST,
  entryPatch,
  staticEntry,
  register,
  removal,
  type DescriptionChange,
  type StaticCompositor,
  type Registered,
  type Registration,
} from '../../domain/registration.ts';
import type { LeaseExpirer } from './lease-expirer.ts';
import { SortedIds } from './sorted-ids.ts';
import type { Written } from '../manifest/plan.ts';
import type { Replica } from '../manifest/replica.ts';

/** A lease as its holder sees it. */
export interface LeaseGrant {
  generation: string;
  /** Seconds. */
  ttl: number;
  /** RFC 3339, by the daemon's clock. */
  expiresAt: string;
}

export interface CompositorFilter {
  status?: string;
  platform?: string;
  protocol?: string;
  /** Every one of these labels must be there with this value. */
  labels?: ReadonlyMap<string, string>;
}

type Term = Omit<LeaseTerm, 'id'>;

interface RegistryOptions {
  readonly replica: Replica;
  readonly leases: LeaseExpirer;
  readonly clock: Clock;
  readonly ttl: number;
  readonly daemon: string;
  readonly quotas: QuotaSettings;
  /** See {@link removal}. */
  readonly namedAtMost?: number | undefined;
}

/** Who is registered: registration, description, leases as their holders see them, and leaving. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #ids: SortedIds;

  /** `ttl` in seconds: for registrations that name none. `daemon`: the name under which static compositors are kept. */
  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#ids = new SortedIds(options.replica.copy);
  }

  /** `claim`: POST. `take`: PUT. See {@link register} for the rule. With a generation, the holder describes itself again. */
  async register(
    wanted: Registration,
    mode: 'claim' | 'take',
    writer: Writer = {},
  ): Promise<Written & { created: boolean; compositor: Compositor; lease: LeaseGrant }> {
    // Chosen once: planned again after a conflict, it must still be the same registration.
    const generation = randomBytes(9).toString('base64url');
    const receipt = await this.#options.replica.submit<Registered>((manifest, now) => {
      // Only who is registered has a connection: one that was removed meanwhile must not come back without its limits.
      const holder = writer.generation;
      const hasConnection = writer.overConnection || holder !== undefined;
      const entry = hasConnection ? requireHolder(manifest, wanted.id ?? '', holder) : undefined;
      const principal = principalOf(writer, entry);
      const { ttl } = this.#options;
      const result = register(manifest, wanted, { mode, generation, ttl, now, principal, holder });
      return {
        patch: entryPatch(result.entry),
        by: result.entry.id,
        principal: principal?.name,
        limits: { settings: this.#options.quotas, principal },
        grants: [result.grant],
        drops: result.drops,
        result,
      };
    });
    const { entry, created, grant } = receipt.result;
    return { ...written(receipt), created, compositor: entry, lease: this.#granted(grant) };
  }

  /** A merge patch on the description, or `enabled`. With a generation it also renews. */
  async describe(
    id: string,
    change: DescriptionChange,
    { generation, principal }: Writer = {},
  ): Promise<Written & { compositor: Compositor }> {
    const receipt = await this.#options.replica.submit((manifest) => {
      const holder = requireHolder(manifest, id, generation);
      const entry = describe(generation === undefined ? holder : renewed(holder), change, principal);
      return {
        patch: entryPatch(entry),
        by: id,
        principal: principal?.name,
        limits: { settings: this.#options.quotas, principal },
        grants: generation === undefined ? [] : renewalOf(entry),
        result: entry,
      };
    });
    return { ...written(receipt), compositor: receipt.result };
  }

  /** Its tiles and regions go in the same commit. */
  async leave(id: string, writer: Writer = {}): Promise<Written> {
    const receipt = await this.#options.replica.submit((manifest) => {
      const entry = requireHolder(manifest, id, writer.generation);
      const principal = principalOf(writer, entry);
      const end = removal(manifest, id, { principal, namedAtMost: this.#options.namedAtMost });
      const own = entry.generation === undefined ? [] : [{ id, generation: entry.generation }];
      return {
        ...end,
        by: id,
        principal: principal?.name,
        drops: [...own, ...end.drops],
        result: undefined,
      };
    });
    return written(receipt);
  }

  /**
   * Renews the lease of `id`. Costs no revision unless the compositor was stale. `republish`: the history does not have
   * `seen`, the last cursor its holder saw, so writes of the holder may be lost.
   */
  async renew(
    id: string,
    generation: string | undefined,
    seen?: Cursor,
  ): Promise<{ lease: LeaseGrant; republish: boolean; cursor: Cursor }> {
    const { replica, leases } = this.#options;
    const entry = this.get(id);
    const [term] = entry && entry.staleAt === undefined ? renewalOf(entry) : [];
    const same = term !== undefined && (generation ?? term.generation) === term.generation;
    // The store knows the lease by its generation: where it renews, nobody else holds it.
    const held = same && (await leases.renew(term)) ? term : await this.#renewInCommit(id, generation);
    const isLost = () => seen !== undefined && !replica.copy.history.has(seen);
    if (isLost()) await replica.catchUp();
    return { lease: this.#granted(held), republish: isLost(), cursor: replica.copy.head };
  }

  get(id: string): Compositor | undefined {
    return this.#manifest.compositor(id);
  }

  /** The entry of `id` as this replica knows it, held by `generation` if that is given. Throws `not-found` and `lease-lost`. */
  require(id: string, generation?: string): Compositor {
    return requireHolder(this.#manifest, id, generation);
  }

  /** The entry of `id`, also when another replica made it just now. Throws `not-found`, `store-unavailable`. */
  async find(id: string): Promise<Compositor> {
    if (!this.get(id)) await this.#options.replica.catchUp();
    return this.require(id);
  }

  /** When the lease of a compositor runs out, RFC 3339, as far as this replica knows; undefined without a lease. */
  lease(entry: Compositor): LeaseGrant | undefined {
    if (!isLeased(entry)) return undefined;
    return this.#granted(entry, this.#options.leases.deadline(entry.id, entry.generation));
  }

  /** Whether {@link syncStatic} has anything to do. */
  hasStatic(wanted: readonly StaticCompositor[]): boolean {
    const entries = [...this.#manifest.compositors()];
    return wanted.length > 0 || entries.some(([, entry]) => entry.managedBy === this.#options.daemon);
  }

  /** How many tiles it owns. */
  tileCount(id: string): number {
    return this.#manifest.tileCountOf(id);
  }

  /** Those after the id `after`, sorted by id. */
  *list(filter: CompositorFilter, after = ''): Generator<Compositor, void, undefined> {
    for (const id of this.#ids.after(after)) {
      const entry = this.get(id);
      if (entry && matches(entry, filter)) yield entry;
    }
  }

  /**
   * Makes the static compositors exactly those of this daemon's configuration, in one commit, but for giants that leave: the end of each
   * comes before in a commit of its own. `unchanged`: the ids of those that are listed as they were before; what was changed over HTTP since
   * then stays.
   */
  async syncStatic(wanted: readonly StaticCompositor[], unchanged: ReadonlySet<string>): Promise<Written> {
    const keep = new Set(wanted.map((each) => each.id));
    for (const id of this.#staticGiants()) if (!keep.has(id)) await this.#removeStatic(id);
    const receipt = await this.#options.replica.submit((manifest, now) => {
      const patch = emptyPatch();
      const drops: LeaseName[] = [];
      for (const [id, entry] of manifest.compositors()) {
        if (entry.managedBy !== this.#options.daemon || keep.has(id)) continue;
        const end = removal(manifest, id, { namedAtMost: Infinity });
        compose(patch, end.patch);
        drops.push(...end.drops);
      }
      for (const each of wanted) {
        const before = manifest.compositor(each.id);
        if (unchanged.has(each.id) && before?.managedBy === this.#options.daemon) continue;
        if (before?.generation !== undefined) drops.push({ id: each.id, generation: before.generation });
        patch.compositors.set(each.id, staticEntry(before, each, this.#options.daemon, now));
      }
      return { patch, by: 'daemon', drops, result: undefined };
    });
    return written(receipt);
  }

  /** The compositors of this daemon's configuration with more tiles than a patch may name. */
  #staticGiants(): string[] {
    const { daemon, namedAtMost = NAMED_AT_MOST } = this.#options;
    return Array.from(this.#manifest.compositors())
      .filter(([id, { managedBy }]) => managedBy === daemon && this.#manifest.tileCountOf(id) > namedAtMost)
      .map(([id]) => id);
  }

  async #removeStatic(id: string): Promise<void> {
    const { daemon, namedAtMost } = this.#options;
    await this.#options.replica.submit((manifest) => {
      const isOurs = manifest.compositor(id)?.managedBy === daemon;
      const end = isOurs ? removal(manifest, id, { namedAtMost }) : { patch: emptyPatch() };
      return { ...end, by: 'daemon', result: undefined };
    });
  }

  get #manifest(): LiveManifest {
    return this.#options.replica.copy.manifest;
  }

  async #renewInCommit(id: string, generation: string | undefined): Promise<Term> {
    const receipt = await this.#options.replica.submit((manifest) => {
      const entry = renewed(requireHolder(manifest, id, generation));
      if (!isLeased(entry)) throw new DomainError('not-found', `${JSON.stringify(id)} holds no lease`);
      return { patch: entryPatch(entry), by: id, grants: renewalOf(entry), result: entry };
    });
    return receipt.result;
  }

  /** `deadline` in milliseconds since 1970; a whole TTL from now when it is left out. */
  #granted({ generation, ttl }: Term, deadline = this.#options.clock.now() + ttl * 1000): LeaseGrant {
    return { generation, ttl, expiresAt: new Date(deadline).toISOString() };
  }
}

function written({ cursor, changed }: Written): Written {
  return { cursor, changed };
}

function matches(entry: Compositor, filter: CompositorFilter): boolean {
  for (const field of ['status', 'platform', 'protocol'] as const)
    if (filter[field] !== undefined && entry[field] !== filter[field]) return false;
  for (const [key, value] of filter.labels ?? [])
    if (!Object.hasOwn(entry.labels, key) || entry.labels[key] !== value) return false;
  return true;
}
