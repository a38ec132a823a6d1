import type { Clock } from '../../domain/clock.ts';
import type { Info, Link } from '../../domain/compositor.ts';
import {
  ConnectorError,
  type Connector,
  type ConnectorEvents,
  type MakeConnector,
  type PeerRequest,
  type Probe,
  type Target,
} from '../../domain/connector.ts';
import type { Health } from '../../domain/health.ts';
import { afterProbe, probeDelay, type ProbeState, type ProbeThresholds } from '../../domain/probing.ts';
import type { Lane } from './lane.ts';

export interface AttendantOptions {
  readonly target: Target;
  readonly make: MakeConnector;
  readonly events: Omit<ConnectorEvents, 'lost'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly probing: ProbeThresholds & { readonly interval: number; readonly timeout: number };
  /** Nobody waits behind those who are worse: they may all take as long as they may. */
  readonly lanes: { readonly well: Lane; readonly unsure: Lane; readonly down: Lane };
  /** What the manifest says: a new holder does not begin anew. */
  readonly link: Link | undefined;
  readonly info: Info | undefined;
  /** Called when `link` or `info` changed, and after the first look. */
  readonly changed: (attendant: Connection) => void;
  /** Called for what should not happen. */
  readonly failed: (error: unknown) => void;
}

/** Milliseconds between two changes of what a compositor says of itself: its clock ticking is no news for a manifest. */
const INFO_PACE = 60_000;

/** Milliseconds that a request of the compositor has when the link to it is to end. */
const LAST_WORD = 1000;

/** Looks after one compositor: connects, probes, connects again, and judges. */
export class Connection {
  readonly target: Target;
  readonly #options: AttendantOptions;
  readonly #ending = new AbortController();
  #connector: Connector | undefined;
  /** Why the last connection ended by itself. */
  #lostTo: ConnectorError | undefined;
  /** The connector has connected. */
  #stands = false;
  #verdict: ProbeState;
  #info: Info | undefined;
  #infoAt = -Infinity;
  #health: Omit<Health, 'state' | 'failures' | 'holder'> = {};
  #looks = 0;
  /** A look is under way or waits in its lane. */
  #busy = false;
  readonly #serving = new Set<Promise<unknown>>();
  #stopTimer: () => void = () => undefined;

  constructor(options: AttendantOptions) {
    this.#options = options;
    this.target = options.target;
    this.#verdict = { link: options.link, failures: 0, passes: 0 };
    this.#info = options.info;
  }

  /** The first look is in `ms`. */
  start(ms: number): void {
    this.#next(ms);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#stopTimer();
    const connector = this.#connector;
    this.#connector = undefined;
    await this.#answered();
    await connector?.close();
  }

  get stopped(): boolean {
    return this.#ending.signal.aborted;
  }

  /** What commands go over; undefined unless the compositor is connected. Taken over, it counts as connected before it is. */
  get connector(): Connector | undefined {
    return this.#verdict.link === 'connected' && this.#stands ? this.#connector : undefined;
  }

  get link(): Link | undefined {
    return this.#verdict.link;
  }

  /** What it says of itself, as the manifest is to show it. */
  get info(): Info | undefined {
    return this.#verdict.link === 'connected' ? this.#info : undefined;
  }

  /** How often it was looked at. */
  get looks(): number {
    return this.#looks;
  }

  get health(): Omit<Health, 'holder'> {
    const { link, failures } = this.#verdict;
    return { state: link ?? 'connecting', failures, ...this.#health };
  }

  /** It did something it may not: shown, and nothing else. */
  remark(text: string): void {
    this.#health = { ...this.#health, lastError: text, lastErrorAt: this.#now() };
  }

  #next(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(ms, () => {
      this.#busy = true;
      this.#look()
        .catch((error: unknown) => this.#options.failed(error))
        .finally(() => {
          this.#busy = false;
          if (!this.stopped) this.#next(this.#delay());
        });
    });
  }

  #delay(): number {
    return probeDelay(this.#verdict, this.#options.probing.interval, this.#options.random());
  }

  async #look(): Promise<void> {
    const leave = await this.#lane.enter();
    try {
      if (this.stopped) return;
      const probe = await this.#ask();
      if (!this.#ending.signal.aborted) this.#judge(true, probe);
    } catch (error) {
      if (!this.stopped) this.#fail(error);
    } finally {
      leave();
    }
  }

  /** New ones are `unsure`, so that who is well at last does not wait behind all that are down. */
  get #lane(): Lane {
    const { link, failures } = this.#verdict;
    const { well, unsure, down } = this.#options.lanes;
    if (link === 'disconnected') return down;
    return link === 'connected' && failures === 0 ? well : unsure;
  }

  /** Connects when there is no connection, and probes; each within the timeout. */
  async #ask(): Promise<Probe> {
    if (!this.#connector) {
      const { make, events, target } = this.#options;
      const connector: Connector = make(target, {
        ...events,
        request: (request) => this.#serve(request),
        lost: (error) => this.#lost(connector, error),
      });
      this.#connector = connector;
      this.#stands = false;
      try {
        await this.#inTime((signal) => connector.connect(signal));
        this.#stands = true;
      } catch (error) {
        this.#drop(connector);
        throw error;
      }
    }
    const connector = this.#connector as Connector | undefined;
    // Lost in the moment in which it stood.
    if (!connector) throw this.#lostTo ?? new ConnectorError('unreachable', 'the connection was lost');
    return this.#inTime((signal) => connector.probe(signal));
  }

  /** Ends by itself even if the connector does not. */
  async #inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, probing } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    const abort = () => controller.abort();
    this.#ending.signal.addEventListener('abort', abort, { once: true });
    // What has arrived behind this very timer counts: a stall of our own is not the compositor's.
    const cancel = clock.after(probing.timeout, () => clock.soon(abort));
    try {
      return await new Promise<T>((resolve, reject) => {
        signal.addEventListener('abort', () =>
          clock.soon(() =>
            reject(new ConnectorError('timeout', `no answer within ${probing.timeout / 1000} s`)),
          ),
        );
        work(signal).then(resolve, reject);
      });
    } finally {
      cancel();
      this.#ending.signal.removeEventListener('abort', abort);
    }
  }

  async #serve(request: PeerRequest): Promise<unknown> {
    const served = this.#options.events.request(request);
    this.#serving.add(served);
    try {
      return await served;
    } finally {
      this.#serving.delete(served);
    }
  }

  /** Who has said `leave` is told that it has left: its link ends with the commit, which comes before the answer. */
  async #answered(): Promise<void> {
    if (this.#serving.size === 0) return;
    const { clock } = this.#options;
    await Promise.race([
      Promise.allSettled(this.#serving),
      new Promise<void>((resolve) => clock.after(LAST_WORD, resolve)),
    ]);
    // What is served now is said in the turn after.
    await new Promise<void>((resolve) => clock.soon(resolve));
  }

  #lost(connector: Connector, error: ConnectorError): void {
    if (this.stopped || this.#connector !== connector) return;
    this.#lostTo = error;
    this.#drop(connector);
    // A look under way fails with it, and counts it.
    if (this.#busy) return;
    this.#fail(error);
    this.#next(this.#delay());
  }

  #fail(error: unknown): void {
    if (!(error instanceof ConnectorError)) this.#options.failed(error);
    const text =
      error instanceof ConnectorError ? `${error.kind}: ${error.message}` : 'an error of the daemon';
    this.remark(text);
    this.#judge(false);
    // What is down is connected to anew: a half-open connection would never be well again.
    if (this.#verdict.link === 'disconnected' && this.#connector) this.#drop(this.#connector);
  }

  #judge(passed: boolean, probe?: Probe): void {
    const before = this.#verdict;
    this.#verdict = afterProbe(before, passed, this.#options.probing);
    const now = this.#now();
    const turned = this.#verdict.link !== before.link;
    this.#health = {
      ...this.#health,
      checkedAt: now,
      ...((turned || this.#health.changedAt === undefined) && { changedAt: now }),
      ...(probe && { latencyMs: Math.round(probe.latencyMs * 10) / 10 }),
    };
    const told = this.#learn(probe?.info, turned);
    this.#looks += 1;
    if (turned || told || this.#looks === 1) this.#options.changed(this);
  }

  /** Whether there is news for the manifest in what it says of itself. */
  #learn(info: Info | undefined, turned: boolean): boolean {
    if (info === undefined || JSON.stringify(info) === JSON.stringify(this.#info)) return false;
    const now = this.#options.clock.monotonic();
    if (!turned && now - this.#infoAt < INFO_PACE) return false;
    this.#info = info;
    this.#infoAt = now;
    return true;
  }

  #drop(connector: Connector): void {
    if (this.#connector === connector) this.#connector = undefined;
    connector.close().catch((error: unknown) => this.#options.failed(error));
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
