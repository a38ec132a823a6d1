import { Semaphore } from '../../concurrency/semaphore.ts';
import { waitAtMost } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { connectionTargetOf, isTarget, type ConnectionTarget } from '../../domain/connection-status.ts';
import type { Connector, ConnectorEvents, MakeConnector } from '../../domain/connector.ts';
import type { HealthState } from '../../domain/health.ts';
import type { Relayed } from '../../domain/relayed.ts';
import { hasScope } from '../../domain/token.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { linkConnectors, type Link } from './link.ts';
import { OVER_CONNECTION, peerEvents, type PeerServices } from './peer-events.ts';

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

/** Links need no place: nothing is opened from here. */
const UNLIMITED = new Semaphore(Infinity);
const FOR_LINKS = { healthy: UNLIMITED, uncertain: UNLIMITED, down: UNLIMITED };
/** Milliseconds that all connectors have to close. */
const CLOSE_TIMEOUT = 1000;

/** The connections of this replica, at most one per compositor. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #shared: Pick<ConnectionOptions, 'probing' | 'semaphores'>;
  readonly #connections = new Map<string, Connection>();
  /** Those that get what clients of the sockets say. */
  readonly #listening = new Set<Connection>();
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

  /**
   * Connects to `id` in `ms`: over the link that it opened, else at the endpoint that the manifest has now. Does nothing after
   * `stop`.
   */
  open(id: string, ms: number, link?: Link): void {
    this.close(id);
    const { log, entryOf } = this.#options;
    const entry = entryOf(id);
    if (!entry || this.#stopped) return;
    const target = connectionTargetOf(entry);
    const connection = new Connection({
      ...this.#options,
      ...this.#shared,
      ...(!isTarget(target) && { semaphores: FOR_LINKS }),
      target,
      make: this.#maker(target, link),
      link: entry.link,
      info: entry.info,
      events: peerEvents(id, {
        ...this.#options,
        writer: link?.writer ?? OVER_CONNECTION,
        recordError: (text) => this.#connections.get(id)?.recordError(text),
      }),
      failed: (error) => log.error({ err: error, compositor: id }, 'unexpected error of a connector'),
    });
    this.#connections.set(id, connection);
    if (mayListen(target, link)) this.#listening.add(connection);
    connection.start(ms);
  }

  /** Sends the compositors what clients of the sockets say. */
  relay(messages: readonly Relayed[]): void {
    for (const connection of this.#listening) connection.relay(messages);
  }

  #maker(target: ConnectionTarget, link: Link | undefined): (events: ConnectorEvents) => Connector {
    if (!isTarget(target)) return linkConnectors(target.id, link);
    return (events) => this.#options.make(target, events);
  }

  close(id: string): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#connections.delete(id);
    this.#listening.delete(connection);
    connection
      .stop()
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, compositor: id }, 'cannot close a connector'),
      );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const stopping = [...this.#connections.values()].map((connection) => connection.stop());
    this.#connections.clear();
    this.#listening.clear();
    // One connector that does not close must not delay the take-over of the others.
    await waitAtMost(this.#options.clock, CLOSE_TIMEOUT, Promise.allSettled(stopping));
  }
}

/** Whether the protocol has messages, and over a link the token may read. */
function mayListen(target: ConnectionTarget, link: Link | undefined): boolean {
  if (isTarget(target)) return !['http', 'https'].includes(target.protocol);
  const principal = link?.writer.principal;
  return principal === undefined || hasScope(principal, 'read');
}
