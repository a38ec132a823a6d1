import type { Claims } from '../../domain/claims.ts';
import { hasEndpoint, isLive, isWatched, type Compositor } from '../../domain/compositor.ts';
import {
  connectionTargetOf,
  sameEndpoint,
  withConnectionStatus,
  type ConnectionTarget,
} from '../../domain/connection-status.ts';
import type { Connector } from '../../domain/connector.ts';
import { storeUnavailable } from '../../domain/errors.ts';
import type { Health, HealthState } from '../../domain/health.ts';
import { LINK_ENDS } from '../../domain/link-end.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import { StoreError } from '../../domain/store.ts';
import type { LeaseExpirer } from '../compositors/lease-expirer.ts';
import type { Replica } from '../manifest/replica.ts';
import type { Connection } from './connection.ts';
import { Connections, type ConnectionParts } from './connections.ts';
import { HealthService } from './health-service.ts';
import type { Link } from './link.ts';
import { LinkLeases } from './link-leases.ts';
import { Links, type LinkHandle } from './links.ts';
import { Ownership } from './ownership.ts';
import { StartReport } from './start-report.ts';
import { StatusWriter } from './status-writer.ts';

export interface SupervisorOptions extends ConnectionParts {
  readonly replica: Replica;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  readonly leases: LeaseExpirer;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Connections that are gained together open this many milliseconds apart on average, */
const SPREAD = 4;
/** and all within this part of the probe interval. */
const MAX_SPREAD = 0.5;
/** The topic under which a replica that stops names the connections it released. */
const RELEASED = 'supervisor.freed';

/**
 * Connects to every compositor of the manifest that has an endpoint, and takes the links of those that dial in: exactly one
 * replica holds each connection. What the connections know goes into the manifest.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #random: () => number;
  readonly #connections: Connections;
  readonly #ownership: Ownership;
  readonly #statusWriter: StatusWriter;
  readonly #report: StartReport;
  readonly #healthService: HealthService;
  readonly #links: Links;
  readonly #linkLeases: LinkLeases;
  readonly #unsubscribe: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#connections = new Connections({
      ...options,
      random: this.#random,
      entryOf: (id) => this.#entryOf(id),
      changed: (connection) => this.#onChange(connection),
    });
    this.#ownership = new Ownership({
      ...options,
      self: options.peerBus.self,
      random: this.#random,
      gained: (ids) => this.#onGained(ids),
      lost: (ids) => this.#onLost(ids),
    });
    this.#links = new Links({
      ...options,
      ownership: this.#ownership,
      connections: this.#connections,
      entryOf: (id) => this.#entryOf(id),
      changed: (id) => this.#update([id]),
    });
    this.#linkLeases = new LinkLeases({ ...options, alive: () => this.#alive() });
    this.#statusWriter = new StatusWriter({ ...options, holds: (id) => this.#ownership.holds(id) });
    this.#report = new StartReport(options);
    this.#healthService = new HealthService({
      ...options,
      localHealth: (id) => this.#connections.get(id)?.health,
      holderOf: (id) => this.holderOf(id),
    });
  }

  /** Takes over connections that no replica holds. An error with one compositor never stops the others. */
  start(): void {
    const { replica, peerBus, relay } = this.#options;
    this.#unsubscribe.push(
      replica.copy.subscribe({
        committed: ({ patch }) => this.#update([...patch.compositors.keys()]),
        loaded: () => this.#startAll(),
        reloaded: () => this.#updateAll(),
      }),
      this.#healthService.start(),
      this.#links.start(),
      relay.subscribe((messages) => {
        const wanted = messages.filter(({ forCompositors }) => forCompositors);
        if (wanted.length > 0) this.#connections.relay(wanted);
      }),
      peerBus.subscribe(RELEASED, (message) => {
        const released = releasedIn(message);
        if (released && released.holder !== peerBus.self)
          this.#ownership.released(released.holder, released.ids);
      }),
    );
    this.#linkLeases.start();
    if (replica.copy.loaded) this.#startAll();
  }

  /** Closes every connection and lets the other replicas take them over at once. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#report.stop();
    this.#linkLeases.stop();
    this.endLinks();
    await this.#statusWriter.stop();
    await this.#connections.stop();
    const { peerBus } = this.#options;
    const ids = await this.#ownership.stop();
    if (ids.length > 0) peerBus.publish(RELEASED, { holder: peerBus.self, ids });
  }

  /** Takes a link that the compositor `id` opened. */
  takeLink(id: string, link: Link): LinkHandle {
    return this.#links.take(id, link);
  }

  /** Ends all links: their compositors come back, to another replica. */
  endLinks(): void {
    this.#links.endAll(LINK_ENDS.shutdown);
  }

  /** Whether this replica certainly holds the connection to `id` now. */
  holds(id: string): boolean {
    return this.#ownership.holds(id);
  }

  /** The connector of `id`, when this replica holds it and it is connected. */
  connectorOf(id: string): Connector | undefined {
    return this.#ownership.holds(id) ? this.#connections.get(id)?.connector : undefined;
  }

  /** Whether `id` has dialed in here, and its link has not been probed, or not claimed, yet: it is about to be connected. */
  isOpening(id: string): boolean {
    if (!this.#links.has(id) || this.connectorOf(id)) return false;
    return this.#connections.get(id)?.health.failures === 0;
  }

  /**
   * The peer-bus name of the replica that holds the connection to `id`; undefined when none does at present. `fresh`: as of
   * now, instead of up to three seconds ago. Throws `store-unavailable`.
   */
  async holderOf(id: string, fresh = false): Promise<string | undefined> {
    const entry = this.#entryOf(id);
    // What the manifest says of a link may be a second old.
    if (!entry || !(fresh ? isLive(entry) : isWatched(entry))) return undefined;
    try {
      return await this.#ownership.holderOf(id, fresh);
    } catch (error) {
      throw error instanceof StoreError ? storeUnavailable(error) : error;
    }
  }

  /** The health of `id`, whichever replica holds its connection; what the manifest says when that replica does not answer. */
  health(id: string): Promise<Health> {
    return this.#healthService.of(id);
  }

  /** The state of each connection of this replica. */
  get states(): readonly HealthState[] {
    return this.#connections.states;
  }

  /** What has come of the links that compositors opened to this replica. */
  get links(): Pick<Links, 'open' | 'opened' | 'ended'> {
    return this.#links;
  }

  /** The compositors whose connection is here and answers. */
  *#alive(): Generator<Compositor, void, undefined> {
    yield* this.#links.alive();
    for (const id of this.#connections.ids()) {
      const entry =
        this.#connections.get(id)?.health.failures === 0 && this.connectorOf(id) && this.#entryOf(id);
      if (entry && hasEndpoint(entry)) yield entry;
    }
  }

  #startAll(): void {
    this.#report.expect(this.#ids().filter((id) => this.#targetOf(id) !== undefined));
    this.#updateAll();
  }

  #updateAll(): void {
    this.#update([...new Set([...this.#ids(), ...this.#connections.ids()])]);
  }

  /** Follows what the manifest says of `ids`: which to connect to, and where. */
  #update(ids: readonly string[]): void {
    const ended = new Set(ids.filter((id) => this.#links.follow(id)));
    const wanted = ids.filter((id) => this.#targetOf(id) !== undefined);
    const isWanted = new Set(wanted);
    const unwanted = ids.filter((id) => !isWanted.has(id));
    this.#ownership.forget(unwanted);
    // Also what this replica did not hold, such as a link.
    for (const id of unwanted) this.#connections.close(id);
    this.#ownership.want(wanted);
    for (const id of wanted) {
      const connection = this.#connections.get(id);
      if (!connection) {
        if (ended.has(id) && this.#ownership.holds(id)) this.#connections.open(id, 0);
        continue;
      }
      if (sameEndpoint(connection.target, this.#targetOf(id)!)) this.#restoreStatus(connection);
      else this.#connections.open(id, 0);
    }
  }

  #onGained(ids: readonly string[]): void {
    // Without the spread a thousand would connect in the same moment.
    const longest = Math.min(ids.length * SPREAD, this.#options.settings.interval * 1000 * MAX_SPREAD);
    for (const id of ids)
      if (this.#links.has(id)) this.#restoreStatus(this.#connections.get(id)!);
      else this.#connections.open(id, this.#random() * longest);
  }

  #onLost(ids: readonly string[]): void {
    for (const id of ids)
      if (this.#links.has(id)) this.#links.claimLost(id);
      else this.#connections.close(id);
  }

  #onChange(connection: Connection): void {
    const { id } = connection.target;
    const { link, health } = connection;
    const { log } = this.#options;
    const entry = this.#entryOf(id);
    if (entry?.link !== link) {
      if (link === 'connected') log.info({ compositor: id }, 'compositor connected');
      if (link === 'disconnected')
        log.warn({ compositor: id, why: health.lastError }, 'compositor disconnected');
    }
    this.#report.probed(id, health.failures > 0 ? health.lastError : undefined);
    const status = entry && connection.statusOf(entry.generation);
    if (status) this.#statusWriter.add(status);
  }

  /** A commit of somebody else may have dropped the status from the entry, such as a new registration at the same endpoint. */
  #restoreStatus(connection: Connection): void {
    const entry = this.#entryOf(connection.target.id);
    const status = entry && connection.statusOf(entry.generation);
    if (status && withConnectionStatus(entry, status)) this.#statusWriter.add(status);
  }

  #ids(): string[] {
    return [...this.#options.replica.copy.manifest.compositors()].map(([id]) => id);
  }

  #entryOf(id: string): Compositor | undefined {
    return this.#options.replica.copy.manifest.compositor(id);
  }

  /** What a connection to `id` is to be kept with; undefined when there shall be none. */
  #targetOf(id: string): ConnectionTarget | undefined {
    const entry = this.#entryOf(id);
    return entry && (isWatched(entry) || this.#links.has(id)) ? connectionTargetOf(entry) : undefined;
  }
}

/** Which replica released which ids; undefined for any other message, because anything may come over a shared store. */
export function releasedIn(message: unknown): { holder: string; ids: readonly string[] } | undefined {
  const { holder, ids } = (message ?? {}) as Partial<Record<string, unknown>>;
  if (typeof holder !== 'string' || !Array.isArray(ids)) return undefined;
  return ids.every((id) => typeof id === 'string') ? { holder, ids } : undefined;
}
