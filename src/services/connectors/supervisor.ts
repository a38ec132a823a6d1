import type { Claims } from '../../domain/claims.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { Connector, MakeConnector } from '../../domain/connector.ts';
import type { Health, HealthState } from '../../domain/health.ts';
import { sameEndpoint, targetOf } from '../../domain/connection-status.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { Replica } from '../manifest/replica.ts';
import { isStoreError, storeUnavailable } from '../manifest/store-errors.ts';
import type { Connection } from './connection.ts';
import { Connections, type ConnectSettings } from './connections.ts';
import { Ownership } from './ownership.ts';
import { StatusWriter } from './status-writer.ts';
import { freedIn } from './released.ts';
import { HealthService } from './health-service.ts';
import type { PeerServices } from './peer-events.ts';
import { StartReport } from './start-report.ts';

export interface SupervisorOptions extends PeerServices {
  readonly replica: Replica;
  readonly claims: Claims;
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  readonly make: MakeConnector;
  readonly settings: ConnectSettings;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Milliseconds apart, at least, at which those that come together are connected to; and the most that one waits. */
const SPREAD = 4;
const LONGEST_SPREAD = 0.5;

/** The topic of its requests on the peer bus. */
const FREED = 'supervisor.freed';

/**
 * Sees to it that every compositor of the manifest that can be connected to is: by exactly one replica, whichever are
 * there. What its connectors find goes into the manifest.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #random: () => number;
  readonly #attendants: Connections;
  readonly #keeper: Ownership;
  readonly #findings: StatusWriter;
  readonly #report: StartReport;
  readonly #desk: HealthService;
  readonly #leaveAll: (() => void)[] = [];

  constructor(options: SupervisorOptions) {
    const { replica, claims, peerBus, clock, log } = options;
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#attendants = new Connections({
      ...options,
      random: this.#random,
      services: options,
      entryOf: (id) => this.#entry(id),
      changed: (who) => this.#changed(who),
    });
    this.#keeper = new Ownership({
      claims,
      clock,
      log,
      self: peerBus.self,
      random: this.#random,
      gained: (ids) => this.#gained(ids),
      lost: (ids) => this.#lost(ids),
    });
    this.#findings = new StatusWriter({ replica, clock, log, holds: (id) => this.#keeper.holds(id) });
    this.#report = new StartReport({ clock, log });
    this.#desk = new HealthService({
      replica,
      peerBus,
      clock,
      here: (id) => this.#attendants.get(id)?.health,
      holderOf: (id) => this.holderOf(id),
    });
  }

  /** Takes over what is free, and connects. An error with one compositor never stops the others. */
  start(): void {
    const { replica, peerBus } = this.#options;
    const all = () => this.#lookAtAll();
    this.#leaveAll.push(
      replica.subscribe({
        committed: (commit) => this.#lookAt(commit),
        loaded: () => this.#startAll(),
        reloaded: all,
      }),
      this.#desk.start(),
      peerBus.subscribe(FREED, (message) => {
        const freed = freedIn(message);
        if (freed && freed.holder !== peerBus.self) this.#keeper.freed(freed.holder, freed.ids);
      }),
    );
    if (replica.loaded) this.#startAll();
  }

  /** Closes every connector and hands them over at once. */
  async stop(): Promise<void> {
    for (const leave of this.#leaveAll.splice(0)) leave();
    this.#report.stop();
    await this.#findings.stop();
    await this.#attendants.stop();
    const { peerBus } = this.#options;
    const ids = await this.#keeper.stop();
    if (ids.length > 0) peerBus.publish(FREED, { holder: peerBus.self, ids });
  }

  /** The link to `id`, if this replica holds it and it is connected. */
  connectorOf(id: string): Connector | undefined {
    return this.#keeper.holds(id) ? this.#attendants.get(id)?.connector : undefined;
  }

  /**
   * The replica that holds the connector of `id`, by its name on the peer bus; undefined when none does at present. `fresh`: as of
   * now, and not of up to three seconds ago. Throws `store-unavailable`.
   */
  async holderOf(id: string, fresh = false): Promise<string | undefined> {
    if (!targetOf(this.#options.replica.manifest.compositor(id))) return undefined;
    try {
      return await this.#keeper.holderOf(id, fresh);
    } catch (error) {
      throw isStoreError(error) ? storeUnavailable(error) : error;
    }
  }

  /** How `id` is, as its connector sees it, whichever replica holds that; when that cannot be told, what the manifest says. */
  health(id: string): Promise<Health> {
    return this.#desk.of(id);
  }

  /** How each connector that this replica holds is. */
  get states(): readonly HealthState[] {
    return this.#attendants.states;
  }

  #startAll(): void {
    const ids = [...this.#options.replica.manifest.compositors()].map(([id]) => id);
    this.#report.expect(ids.filter((id) => this.#targetOf(id) !== undefined));
    this.#lookAtAll();
  }

  #lookAtAll(): void {
    const known = new Set([
      ...[...this.#options.replica.manifest.compositors()].map(([id]) => id),
      ...this.#attendants.ids(),
    ]);
    this.#look([...known]);
  }

  #lookAt(commit: Commit): void {
    if (commit.patch.compositors.size > 0) this.#look([...commit.patch.compositors.keys()]);
  }

  /** Makes what we want and have what the manifest says of `ids`. */
  #look(ids: readonly string[]): void {
    const wanted = ids.filter((id) => this.#targetOf(id) !== undefined);
    const all = new Set(wanted);
    this.#keeper.forget(ids.filter((id) => !all.has(id)));
    this.#keeper.want(wanted);
    for (const id of wanted) {
      const attendant = this.#attendants.get(id);
      if (!attendant) continue;
      if (sameEndpoint(attendant.target, this.#targetOf(id)!)) this.#tell(attendant);
      else this.#attendants.attend(id, 0);
    }
  }

  #gained(ids: readonly string[]): void {
    // Those that come together are spread, so that a thousand do not connect in one moment.
    const most = Math.min(ids.length * SPREAD, this.#options.settings.interval * 1000 * LONGEST_SPREAD);
    for (const id of ids) this.#attendants.attend(id, this.#random() * most);
  }

  #lost(ids: readonly string[]): void {
    for (const id of ids) this.#attendants.leave(id);
  }

  #changed(attendant: Connection): void {
    const { id } = attendant.target;
    const { link, health } = attendant;
    const { log } = this.#options;
    if (this.#entry(id)?.link !== link) {
      if (link === 'connected') log.info({ compositor: id }, 'compositor connected');
      if (link === 'disconnected')
        log.warn({ compositor: id, why: health.lastError }, 'compositor disconnected');
    }
    this.#report.looked(id, health.failures > 0 ? health.lastError : undefined);
    this.#tell(attendant);
  }

  /** Also when the entry changed: a registration begun anew has what was found of the one before only as far as it is the same. */
  #tell(attendant: Connection): void {
    const { target, link, info } = attendant;
    const entry = this.#entry(target.id);
    if (!entry || link === undefined || attendant.looks === 0) return;
    this.#findings.add({ target, generation: entry.generation, link, info });
  }

  #entry(id: string): Compositor | undefined {
    return this.#options.replica.manifest.compositor(id);
  }

  #targetOf(id: string) {
    return targetOf(this.#entry(id));
  }
}
