import type { FastifyInstance } from 'fastify';
import { STATUSES } from '../../domain/compositor.ts';
import { revisionOf } from '../../domain/cursor.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import type { Feed } from '../../services/feed/feed.ts';
import type { LeaseExpirer } from '../../services/compositors/lease-expirer.ts';
import type { Replica } from '../../services/manifest/replica.ts';
import type { Supervisor } from '../../services/connectors/supervisor.ts';
import type { QuotaWatch } from '../../services/manifest/quota-watch.ts';
import type { Counter } from '../../domain/counter.ts';
import type { Worker } from '../../domain/worker.ts';
import { Gauges, type ByLabel } from './gauges.ts';
import { RequestCounts } from './request-counts.ts';

export interface MetricsOptions {
  readonly replica: Replica;
  readonly quotaWatch: QuotaWatch;
  readonly feed: Feed;
  readonly leases: LeaseExpirer;
  readonly supervisor: Supervisor;
  /** Messages of compositors that violate the protocol, by kind; the kinds are few. */
  readonly protocolViolations: Counter;
  /** How often following the commit log was interrupted. */
  readonly tailRestarts: () => number;
  readonly version: string;
  /** How often each of the limits on clients refused something. */
  readonly refused: () => ByLabel;
  /** Bytes that request bodies take which are being received. */
  readonly bodyBytes: () => number;
  /** This process, when others serve the same address: one scrape answers for all. */
  readonly worker?: Worker | undefined;
}

/**
 * The metrics of the daemon. No label value comes from outside: clients could make up any number of names and URLs, and
 * fill the memory of Prometheus with them.
 */
export class Metrics {
  readonly #gauges = new Gauges();
  readonly #requests = new RequestCounts();
  readonly #unsubscribe: () => void;
  readonly #worker: Worker | undefined;
  #commits = 0;
  #reloads = 0;

  constructor(options: MetricsOptions) {
    const { replica, version, worker } = options;
    this.#worker = worker;
    worker?.provideMetrics(() => this.#gauges.json());
    this.#unsubscribe = replica.copy.subscribe({
      committed: () => (this.#commits += 1),
      reloaded: () => (this.#reloads += 1),
    });
    const on = this.#gauges;
    on.gauges('build_info', 'The running version.', 'version', () => [[version, 1]], 'first');
    this.#addManifest(options);
    this.#addStreams(options.feed);
    this.#addConnectors(options);
    on.counters(
      'limited_total',
      'Requests, streams, sockets, long polls, bodies and connections that were refused because their client has too many, or all have.',
      'limit',
      options.refused,
    );
    on.gauge('body_bytes', 'Memory of the request bodies that are being received.', options.bodyBytes);
    on.samples('counter', 'http_requests_total', 'HTTP requests, by route pattern.', () =>
      this.#requests.totals(),
    );
    on.samples(
      'histogram',
      'http_request_duration_seconds',
      'Duration of HTTP requests in seconds, without streams.',
      (name) => this.#requests.durations(name),
    );
  }

  /** Counts the requests to `server`. Must be called before routes are added. */
  watch(server: FastifyInstance): void {
    this.#requests.watch(server);
  }

  /** Those of all workers, or of this one alone when they cannot be had. */
  async text(): Promise<{ text: string; type: string }> {
    const text = (await this.#worker?.allMetrics()) ?? (await this.#gauges.text());
    return { text, type: this.#gauges.contentType };
  }

  stop(): void {
    this.#unsubscribe();
  }

  #addManifest({ replica, quotaWatch, leases, tailRestarts }: MetricsOptions): void {
    const on = this.#gauges;
    on.gauge(
      'store_up',
      '1 if the manifest is loaded and the store answers, otherwise 0.',
      () => Number(replica.copy.loaded && !replica.degraded),
      'min',
    );
    on.counter(
      'store_tail_restarts_total',
      'Times that following the commit log was interrupted.',
      tailRestarts,
    );
    on.gauge(
      'manifest_revision',
      'The revision of the manifest.',
      () => revisionOf(replica.copy.head),
      'max',
    );
    on.gauge('manifest_tiles', 'Tiles in the manifest.', () => replica.copy.manifest.tileCount, 'max');
    on.gauges(
      'manifest_compositors',
      'Compositors in the manifest.',
      'status',
      () =>
        countsOf(
          STATUSES,
          [...replica.copy.manifest.compositors()].map(([, { status }]) => status),
        ),
      'max',
    );
    on.gauges(
      'quota_used',
      'What is used of each quota.',
      'quota',
      () => Object.entries(quotaWatch.states).map(([quota, { used }]) => [quota, used]),
      'max',
    );
    on.gauges(
      'quota_limit',
      'The limit of each quota that has one.',
      'quota',
      () =>
        Object.entries(quotaWatch.states).flatMap(([quota, { limit }]) =>
          limit === null ? [] : [[quota, limit] as const],
        ),
      'min',
    );
    on.counter('manifest_commits_total', 'Commits seen, from all replicas.', () => this.#commits, 'max');
    on.counter(
      'manifest_reloads_total',
      'Times that the manifest was loaded anew because its history was replaced.',
      () => this.#reloads,
    );
    on.counters('lease_ends_total', 'Leases that this replica ended, by outcome.', 'how', () =>
      Object.entries(leases.ended),
    );
  }

  #addStreams(feed: Feed): void {
    const on = this.#gauges;
    const { counts } = feed;
    on.gauge('stream_readers', 'Open streams.', () => feed.readers);
    on.counter('stream_frames_total', 'Frames written to streams.', () => counts.frames);
    on.counter('stream_bytes_total', 'Bytes of the frames written to streams.', () => counts.bytes);
    on.counter(
      'stream_conflated_total',
      'Times that a reader was skipped because its socket was full; it gets the changes combined.',
      () => counts.conflated,
    );
    on.counters('stream_snapshots_total', 'Snapshots started, by reason.', 'reason', () =>
      Object.entries(counts.snapshots),
    );
    on.counter(
      'stream_view_changes_total',
      'Times that an open stream changed its view.',
      () => counts.reAims,
    );
    on.counters(
      'stream_dismissed_total',
      'Streams ended by the daemon, by reason.',
      'reason',
      () => counts.byes.counts,
    );
  }

  #addConnectors({ supervisor, protocolViolations }: MetricsOptions): void {
    const on = this.#gauges;
    on.gauges('connectors', 'Connectors of this replica, by state.', 'state', () =>
      countsOf(HEALTH_STATES.slice(1), supervisor.states),
    );
    on.counters(
      'protocol_violations_total',
      'Messages of compositors that were ignored because they violate the protocol.',
      'kind',
      () => protocolViolations.counts,
    );
  }
}

/** Counts how often each value occurs. Values that do not occur count 0, otherwise Prometheus would keep their last number. */
function countsOf(values: readonly string[], all: Iterable<string>): ByLabel {
  const counts = new Map<string, number>(values.map((value) => [value, 0]));
  for (const value of all) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
