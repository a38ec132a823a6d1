import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { MakeConnector } from '../../domain/connector.ts';
import type { HealthState } from '../../domain/health.ts';
import { targetOf } from '../../domain/connection-status.ts';
import type { Logger } from '../../domain/logger.ts';
import { Connection, type AttendantOptions } from './connection.ts';
import { Lane } from './lane.ts';
import { peerEvents, type PeerServices } from './peer-events.ts';

/** In seconds, and counts. */
export interface ConnectSettings {
  readonly interval: number;
  readonly timeout: number;
  readonly failures: number;
  readonly passes: number;
  readonly parallel: number;
}

export interface AttendantsOptions {
  readonly make: MakeConnector;
  readonly clock: Clock;
  readonly random: () => number;
  readonly settings: ConnectSettings;
  readonly log: Logger;
  readonly services: PeerServices;
  /** What the manifest says of a compositor. */
  readonly entryOf: (id: string) => Compositor | undefined;
  /** Called when what an attendant finds changed, and after its first look. */
  readonly changed: (attendant: Connection) => void;
}

/** Milliseconds that all connectors have to close. */
const FAREWELL = 1000;

/** One attendant for each compositor that this replica holds. */
export class Connections {
  readonly #options: AttendantsOptions;
  readonly #probing: AttendantOptions['probing'];
  readonly #lanes: AttendantOptions['lanes'];
  readonly #attendants = new Map<string, Connection>();
  #stopped = false;

  constructor(options: AttendantsOptions) {
    const { settings } = options;
    this.#options = options;
    this.#probing = {
      interval: settings.interval * 1000,
      timeout: settings.timeout * 1000,
      failures: settings.failures,
      passes: settings.passes,
    };
    this.#lanes = {
      well: new Lane(settings.parallel),
      unsure: new Lane(settings.parallel),
      down: new Lane(settings.parallel),
    };
  }

  get(id: string): Connection | undefined {
    return this.#attendants.get(id);
  }

  ids(): Iterable<string> {
    return this.#attendants.keys();
  }

  get states(): readonly HealthState[] {
    return [...this.#attendants.values()].map(({ health }) => health.state);
  }

  /** Looks after `id` from now on, as the manifest has it now; the first look is in `ms`. After the end nobody is attended to. */
  attend(id: string, ms: number): void {
    this.leave(id);
    const { make, clock, random, log, services, entryOf, changed } = this.#options;
    const entry = entryOf(id);
    const target = targetOf(entry);
    if (!entry || !target || this.#stopped) return;
    const attendant = new Connection({
      target,
      make,
      clock,
      random,
      probing: this.#probing,
      lanes: this.#lanes,
      link: entry.link,
      info: entry.info,
      events: peerEvents(id, {
        ...services,
        log,
        generationOf: (who) => entryOf(who)?.generation,
        remark: (who, text) => this.#attendants.get(who)?.remark(text),
      }),
      changed,
      failed: (error) => log.error({ err: error, compositor: id }, 'a connector failed where it may not'),
    });
    this.#attendants.set(id, attendant);
    attendant.start(ms);
  }

  leave(id: string): void {
    const { log } = this.#options;
    const attendant = this.#attendants.get(id);
    this.#attendants.delete(id);
    attendant
      ?.stop()
      .catch((error: unknown) => log.error({ err: error, compositor: id }, 'cannot close a connector'));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const attendants = [...this.#attendants.values()];
    this.#attendants.clear();
    const closed = Promise.allSettled(attendants.map((attendant) => attendant.stop()));
    // One that does not let itself be closed must not keep the others from being taken over.
    await Promise.race([
      closed,
      new Promise<void>((resolve) => this.#options.clock.after(FAREWELL, resolve)),
    ]);
  }
}
