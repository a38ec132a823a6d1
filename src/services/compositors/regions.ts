import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import { principalOf, renewalOf, renewed, requireHolder, type Writer } from '../../domain/holder.ts';
import type { LeaseTerm } from '../../domain/lease.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { patchOf } from '../../domain/patch.ts';
import type { QuotaSettings } from '../../domain/quota.ts';
import { makeRegion, viewHasRegion, type Region } from '../../domain/region.ts';
import {
  leaseOfRegion,
  otherRequest,
  requireCovered,
  requireOwnRegion,
  requireRegion,
  requireRoom,
  type Reservation,
} from '../../domain/reserving.ts';
import type { Principal } from '../../domain/token.ts';
import { formatRect, type View } from '../../domain/view.ts';
import type { Written } from '../manifest/plan.ts';
import type { Replica } from '../manifest/replica.ts';
import type { LeaseExpirer } from './lease-expirer.ts';
import type { LeaseGrant } from './registry.ts';

/** Seconds, when a reservation names none. */
const TTL = 300;

/** A region with its id. */
export interface NamedRegion extends Region {
  readonly id: string;
}

interface RegionsOptions {
  readonly replica: Replica;
  readonly leases: LeaseExpirer;
  readonly clock: Clock;
  readonly quotas: QuotaSettings;
}

/** Rectangles of the plane that compositors hold: reserving, renewing, releasing, and who holds what. */
export class Regions {
  readonly #options: RegionsOptions;

  constructor(options: RegionsOptions) {
    this.#options = options;
  }

  /**
   * Reserves a rectangle for a compositor, whose lease is renewed with it. With a `key`, a repeat of the same request gets the region of the first,
   * on every replica, for as long as that lasts. Throws region-taken, not-found, lease-lost, quota-exceeded, forbidden, invalid-request.
   */
  async reserve(
    wanted: Reservation,
    writer: Writer,
    key?: string,
  ): Promise<Written & { region: NamedRegion; lease: LeaseGrant; replayed: boolean }> {
    // Chosen once: planned again after a conflict, it must still be the same region.
    const id = regionIdOf(wanted.compositor, writer.principal, key);
    const generation = randomBytes(9).toString('base64url');
    const { purpose = '', exclusive = true, ttl = TTL } = wanted;
    const { compositor } = wanted;
    const rect = formatRect(wanted.rect);
    const region = makeRegion({ rect, compositor, purpose, exclusive, ttl, generation });
    const receipt = await this.#options.replica.submit((manifest) => {
      requireCovered(compositor, writer.principal);
      const holder = requireHolder(manifest, compositor, writer.generation);
      const principal = principalOf(writer, holder);
      const before = manifest.region(id);
      if (before && !isRepeat(before, region)) throw otherRequest();
      if (!before) requireRoom(manifest, region, principal);
      const now = before ?? region;
      return {
        patch: patchOf({
          compositors: new Map([[compositor, renewed(holder)]]),
          regions: new Map([[id, now]]),
        }),
        by: compositor,
        principal: principal?.name,
        limits: { settings: this.#options.quotas, principal },
        grants: [...renewalOf(holder), ...(before ? [] : [termOf(id, region)])],
        result: { region: now, replayed: before !== undefined },
      };
    });
    const { region: made, replayed } = receipt.result;
    const lease = replayed ? this.lease(id, made) : this.#granted(made);
    return { cursor: receipt.cursor, changed: receipt.changed, region: { id, ...made }, lease, replayed };
  }

  /** Renews the lease of a region; costs no revision. Throws not-found, lease-lost, forbidden. */
  async renew(id: string, writer: Writer): Promise<{ lease: LeaseGrant; cursor: Written['cursor'] }> {
    const { replica, leases } = this.#options;
    if (!this.#manifest.region(id)) await replica.catchUp();
    const region = requireOwnRegion(this.#manifest, id, writer);
    if (!(await leases.renew(termOf(id, region)))) {
      // The store does not know the lease: it ended, or the store has lost its leases.
      await replica.submit((manifest) => {
        const held = requireOwnRegion(manifest, id, writer);
        return { patch: patchOf({}), by: held.compositor, grants: [termOf(id, held)], result: undefined };
      });
    }
    return { lease: this.#granted(region), cursor: replica.copy.head };
  }

  /** Throws not-found, lease-lost, forbidden. */
  async release(id: string, writer: Writer): Promise<Written> {
    const { cursor, changed } = await this.#options.replica.submit((manifest) => {
      const region = requireOwnRegion(manifest, id, writer);
      return {
        patch: patchOf({ regions: new Map([[id, null]]) }),
        by: region.compositor,
        principal: writer.principal?.name,
        drops: [leaseOfRegion([id, region])],
        result: undefined,
      };
    });
    return { cursor, changed };
  }

  /** The region `id`, also when another replica made it just now. Throws `not-found`, `store-unavailable`. */
  async find(id: string): Promise<NamedRegion> {
    if (!this.#manifest.region(id)) await this.#options.replica.catchUp();
    return { id, ...requireRegion(this.#manifest, id) };
  }

  /** Those that `view` shows, after the id `after`, sorted by id. */
  list(view: View, after = ''): NamedRegion[] {
    const found: NamedRegion[] = [];
    for (const [id, region] of this.#manifest.regionsIn(view.rect))
      if (id > after && viewHasRegion(view, region)) found.push({ id, ...region });
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The lease of a region, as far as this replica knows. */
  lease(id: string, region: Region): LeaseGrant {
    return this.#granted(region, this.#options.leases.deadline(id, region.generation));
  }

  get #manifest(): LiveManifest {
    return this.#options.replica.copy.manifest;
  }

  /** `deadline` in milliseconds since 1970; a whole TTL from now when it is left out. */
  #granted({ generation, ttl }: Region, deadline = this.#options.clock.now() + ttl * 1000): LeaseGrant {
    return { generation, ttl, expiresAt: new Date(deadline).toISOString() };
  }
}

function termOf(id: string, { generation, ttl }: Region): LeaseTerm {
  return { id, generation, ttl };
}

/** Another region only in its generation: it is that of the first request. */
function isRepeat(before: Region, region: Region): boolean {
  return JSON.stringify({ ...before, generation: '' }) === JSON.stringify({ ...region, generation: '' });
}

/** Of a request with a key always the same id: whichever replica gets the repeat finds the region that the first made. */
function regionIdOf(compositor: string, principal: Principal | undefined, key: string | undefined): string {
  if (key === undefined) return `R${randomBytes(9).toString('base64url')}`;
  const text = JSON.stringify([principal?.key ?? '', compositor, key]);
  return `R${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
}
