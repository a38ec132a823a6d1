import { Semaphore } from '../../concurrency/semaphore.ts';
import { waitAtMost } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { targetOf } from '../../domain/connection-status.ts';
import type { MakeConnector } from '../../domain/connector.ts';
import type { HealthState } from '../../domain/health.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { peerEvents, type PeerServices } from './peer-events.ts';

/** In seconds, and counts. */
export interface ConnectSettings {
  readonly interval: number;
  readonly timeout: number;
  readonly failures: number;
  readonly passes: number;
  readonly parallel: number;
}

/** What all connections are made with. */
export interface ConnectionParts extends PeerServices {
  readonly make: MakeConnector;
  readonly clock: Clock;
  readonly settings: ConnectSettings;
}

export interface ConnectionsOptions extends ConnectionParts {
  /** In [0, 1). */
  readonly random: () => number;
  /** The compositor's entry in the manifest. */
  readonly entryOf: (id: string) => Compositor | undefined;
  readonly changed: ConnectionOptions['changed'];
}

/** Milliseconds that all connectors have to close. */
const CLOSE_TIMEOUT = 1000;

/** The connections of this replica, at most one per compositor. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #shared: Pick<ConnectionOptions, 'probing' | 'semaphores'>;
  readonly #connections = new Map<string, Connection>();
  #stopped = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    const { interval, timeout, failures, passes, parallel } = options.settings;
    this.#shared = {
      probing: { interval: interval * 1000, timeout: timeout * 1000, failures, passes },
      semaphores: {
        healthy: new Semaphore(parallel),
        uncertain: new Semaphore(parallel),
        down: new Semaphore(parallel),
      },
    };
  }

  get(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  ids(): Iterable<string> {
    return this.#connections.keys();
  }

  get states(): readonly HealthState[] {
    return [...this.#connections.values()].map(({ health }) => health.state);
  }

  /** Connects to `id` at the endpoint that the manifest has now, in `ms`. Does nothing after `stop`. */
  open(id: string, ms: number): void {
    this.close(id);
    const { log, entryOf } = this.#options;
    const entry = entryOf(id);
    const target = targetOf(entry);
    if (!entry || !target || this.#stopped) return;
    const connection = new Connection({
      ...this.#options,
      ...this.#shared,
      target,
      link: entry.link,
      info: entry.info,
      events: peerEvents(id, this.#options, (text) => this.#connections.get(id)?.recordError(text)),
      failed: (error) => log.error({ err: error, compositor: id }, 'unexpected error of a connector'),
    });
    this.#connections.set(id, connection);
    connection.start(ms);
  }

  close(id: string): void {
    const connection = this.#connections.get(id);
    this.#connections.delete(id);
    connection
      ?.stop()
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, compositor: id }, 'cannot close a connector'),
      );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const stopping = [...this.#connections.values()].map((connection) => connection.stop());
    this.#connections.clear();
    // One connector that does not close must not delay the take-over of the others.
    await waitAtMost(this.#options.clock, CLOSE_TIMEOUT, Promise.allSettled(stopping));
  }
}
