import type { Semaphore } from '../../concurrency/semaphore.ts';
import { waitAtMost, withDeadline } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Info, Link } from '../../domain/compositor.ts';
import type { ConnectionStatus, ConnectionTarget } from '../../domain/connection-status.ts';
import {
  ConnectorError,
  type Connector,
  type ConnectorEvents,
  type PeerRequest,
  type Probe,
  type RequestOutcome,
} from '../../domain/connector.ts';
import type { Health } from '../../domain/health.ts';
import type { Relayed } from '../../domain/relayed.ts';
import { afterProbe, probeDelay, type ProbeState, type ProbeThresholds } from '../../domain/probing.ts';

export interface ConnectionOptions {
  readonly target: ConnectionTarget;
  /** Makes the connector of each attempt. */
  readonly make: (events: ConnectorEvents) => Connector;
  readonly events: Omit<ConnectorEvents, 'lost'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Times in milliseconds. */
  readonly probing: ProbeThresholds & { readonly interval: number; readonly timeout: number };
  /** Each group probes apart, so that nobody waits for probes that run into their timeout. */
  readonly semaphores: Readonly<Record<'healthy' | 'uncertain' | 'down', Semaphore>>;
  /** What the manifest says: a replica that takes a connection over does not start from nothing. */
  readonly link: Link | undefined;
  readonly info: Info | undefined;
  /** Called when `link` or `info` has changed, and after the first probe. */
  readonly changed: (connection: Connection) => void;
  /** Called for errors that should not happen. */
  readonly failed: (error: unknown) => void;
}

/** Milliseconds between two changes of the info: a compositor that reports its clock must not cause a commit per probe. */
const INFO_INTERVAL = 60_000;
/** Milliseconds that a request of the compositor has left when its connection is to close. */
const REQUEST_GRACE = 1000;

/** The connection to one compositor: connects, probes, reconnects, and knows the compositor's health. */
export class Connection {
  readonly target: ConnectionTarget;
  readonly #options: ConnectionOptions;
  readonly #stopping = new AbortController();
  readonly #requests = new Set<Promise<unknown>>();
  #connector: Connector | undefined;
  #connected = false;
  /** Why the last connector was lost. */
  #lostError: ConnectorError | undefined;
  #state: ProbeState;
  #info: Info | undefined;
  #infoAt = -Infinity;
  #health: Omit<Health, 'state' | 'failures' | 'holder'> = {};
  #probed = false;
  /** A probe runs, or waits for its semaphore. */
  #probing = false;
  #stopTimer: () => void = () => undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.target = options.target;
    this.#state = { link: options.link, failures: 0, passes: 0 };
    this.#info = options.info;
  }

  /** The first probe comes in `ms`. */
  start(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(ms, () => {
      this.#probing = true;
      this.#probe()
        .catch((error: unknown) => this.#options.failed(error))
        .finally(() => {
          this.#probing = false;
          if (!this.#isStopped()) this.start(this.#nextDelay());
        });
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopTimer();
    const connector = this.#connector;
    this.#connector = undefined;
    await this.#finishRequests();
    await connector?.close();
  }

  /**
   * Where commands go; undefined unless the compositor is connected. A connection that was taken over counts as connected
   * before its connector is.
   */
  get connector(): Connector | undefined {
    return this.link === 'connected' && this.#connected ? this.#connector : undefined;
  }

  /** Sends the compositor what clients of the sockets say, if it is connected and its protocol has such messages. */
  relay(messages: readonly Relayed[]): void {
    this.connector?.relay?.(messages);
  }

  get link(): Link | undefined {
    return this.#state.link;
  }

  get health(): Omit<Health, 'holder'> {
    return { state: this.link ?? 'connecting', failures: this.#state.failures, ...this.#health };
  }

  /** What the manifest should show of the registration `generation`; undefined while too little is known. */
  statusOf(generation: string | undefined): ConnectionStatus | undefined {
    const { target, link } = this;
    if (link === undefined || !this.#probed) return undefined;
    return { target, generation, link, info: link === 'connected' ? this.#info : undefined };
  }

  /** Shows `text` as the last error, and changes nothing else. */
  recordError(text: string): void {
    this.#health = { ...this.#health, lastError: text, lastErrorAt: this.#timestamp() };
  }

  /** A method, because it changes while others wait. */
  #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #nextDelay(): number {
    return probeDelay(this.#state, this.#options.probing.interval, this.#options.random());
  }

  async #probe(): Promise<void> {
    await this.#semaphore.run(async () => {
      if (this.#isStopped()) return;
      try {
        const probe = await this.#connectAndProbe();
        if (!this.#isStopped()) this.#record(true, probe);
      } catch (error) {
        if (!this.#isStopped()) this.#fail(error);
      }
    });
  }

  /** A new compositor is `uncertain`, so that it does not wait behind all that are down. */
  get #semaphore(): Semaphore {
    const { link, failures } = this.#state;
    const { healthy, uncertain, down } = this.#options.semaphores;
    if (link === 'disconnected') return down;
    return link === 'connected' && failures === 0 ? healthy : uncertain;
  }

  async #connectAndProbe(): Promise<Probe> {
    if (!this.#connector) await this.#connect();
    const connector = this.#connector;
    // It was lost as soon as it had connected.
    if (!connector) throw this.#lostError ?? new ConnectorError('unreachable', 'the connection was lost');
    return this.#withTimeout((signal) => connector.probe(signal));
  }

  async #connect(): Promise<void> {
    const { make, events } = this.#options;
    const connector: Connector = make({
      ...events,
      request: (requests) => this.#serve(requests),
      lost: (error) => this.#onLost(connector, error),
    });
    this.#connector = connector;
    this.#connected = false;
    try {
      await this.#withTimeout((signal) => connector.connect(signal));
      this.#connected = true;
    } catch (error) {
      this.#drop(connector);
      throw error;
    }
  }

  /** Ends at the timeout even if the connector does not. */
  async #withTimeout<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, probing } = this.#options;
    const late = () => new ConnectorError('timeout', `no answer within ${probing.timeout / 1000} s`);
    const inTime = (deadline: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        // The connector's own error comes first.
        deadline.addEventListener('abort', () => clock.soon(() => reject(late())));
        work(deadline).then(resolve, reject);
      });
    return withDeadline(clock, probing.timeout, inTime, this.#stopping.signal);
  }

  async #serve(requests: readonly PeerRequest[]): Promise<readonly RequestOutcome[]> {
    const serving = this.#options.events.request(requests);
    this.#requests.add(serving);
    try {
      return await serving;
    } finally {
      this.#requests.delete(serving);
    }
  }

  /** A compositor that sends `leave` gets its answer, although the commit before the answer ends this connection. */
  async #finishRequests(): Promise<void> {
    if (this.#requests.size === 0) return;
    const { clock } = this.#options;
    await waitAtMost(clock, REQUEST_GRACE, Promise.allSettled(this.#requests));
    // The answer is sent in the next turn of the event loop.
    await new Promise<void>((resolve) => clock.soon(resolve));
  }

  #onLost(connector: Connector, error: ConnectorError): void {
    if (this.#isStopped() || this.#connector !== connector) return;
    this.#lostError = error;
    this.#drop(connector);
    // A running probe fails with it and records the failure.
    if (this.#probing) return;
    this.#fail(error);
    this.start(this.#nextDelay());
  }

  #fail(error: unknown): void {
    if (!(error instanceof ConnectorError)) this.#options.failed(error);
    this.recordError(
      error instanceof ConnectorError ? `${error.kind}: ${error.message}` : 'an error of the daemon',
    );
    this.#record(false);
    // The next probe of a disconnected compositor connects anew: a half-open connection would never recover.
    if (this.link === 'disconnected' && this.#connector) this.#drop(this.#connector);
  }

  #record(passed: boolean, probe?: Probe): void {
    const before = this.link;
    this.#state = afterProbe(this.#state, passed, this.#options.probing);
    const turned = this.link !== before;
    const now = this.#timestamp();
    this.#health = {
      ...this.#health,
      checkedAt: now,
      ...((turned || this.#health.changedAt === undefined) && { changedAt: now }),
      ...(probe && { latencyMs: Math.round(probe.latencyMs * 10) / 10 }),
    };
    const changed = this.#updateInfo(probe?.info, turned) || turned || !this.#probed;
    this.#probed = true;
    if (changed) this.#options.changed(this);
  }

  /** Returns whether the manifest should show the new info. */
  #updateInfo(info: Info | undefined, turned: boolean): boolean {
    if (info === undefined || JSON.stringify(info) === JSON.stringify(this.#info)) return false;
    const now = this.#options.clock.monotonic();
    if (!turned && now - this.#infoAt < INFO_INTERVAL) return false;
    this.#info = info;
    this.#infoAt = now;
    return true;
  }

  #drop(connector: Connector): void {
    if (this.#connector === connector) this.#connector = undefined;
    connector.close().catch((error: unknown) => this.#options.failed(error));
  }

  #timestamp(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
