import type { FastifyInstance } from 'fastify';
import { STATUSES } from '../../domain/compositor.ts';
import { revisionOf } from '../../domain/cursor.ts';
import { reasonFlags } from '../../domain/store-status.ts';
import type { Feed } from '../../services/feed/feed.ts';
import type { Relay } from '../../services/relay/relay.ts';
import type { LeaseExpirer } from '../../services/compositors/lease-expirer.ts';
import type { Replica } from '../../services/manifest/replica.ts';
import type { Supervisor } from '../../services/connectors/supervisor.ts';
import type { QuotaWatch } from '../../services/manifest/quota-watch.ts';
import type { Counter } from '../../domain/counter.ts';
import type { Worker } from '../../domain/worker.ts';
import type { ReloadCounts } from '../../domain/reload-counts.ts';
import type { Denial } from '../../services/access/tokens.ts';
import type { StoreCalls } from '../../services/manifest/measured-store.ts';
import type { StoreSize } from '../../services/manifest/store-size.ts';
import { FILE_STATES } from '../../services/tile-file/file-state.ts';
import type { TileFile } from '../../services/tile-file/tile-file.ts';
import { countsOf, Gauges, type ByLabel } from './gauges.ts';
import { addAccessMetrics } from './access-metrics.ts';
import { addConnectorMetrics } from './connector-metrics.ts';
import { addReloadMetrics } from './reload-metrics.ts';
import { RequestCounts } from './request-counts.ts';
import { addStoreMetrics } from './store-metrics.ts';

export interface MetricsOptions {
  readonly replica: Replica;
  readonly quotaWatch: QuotaWatch;
  readonly feed: Feed;
  readonly relay: Relay;
  readonly tileFile: TileFile | undefined;
  readonly leases: LeaseExpirer;
  readonly supervisor: Supervisor;
  /** Messages of compositors that violate the protocol, by kind; the kinds are few. */
  readonly protocolViolations: Counter;
  /** How often following the commit log was interrupted. */
  readonly tailRestarts: () => number;
  readonly version: string;
  readonly storeCalls: StoreCalls;
  readonly storeSize: StoreSize;
  /** The setting `stream.maxReaders`, or this worker's part of it. */
  readonly maxReaders: number;
  /** How often requests were refused that may not do what they want. */
  readonly denied: Readonly<Record<Denial, number>>;
  readonly reloads: ReloadCounts;
  /** How often each of the limits on clients refused something. */
  readonly refused: () => ByLabel;
  /** How many lines of the log were dropped because nobody reads it. */
  readonly droppedLines: () => number;
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
    addStoreMetrics(on, options);
    this.#addStreams(options);
    this.#addRelay(options.relay);
    this.#addFile(options.tileFile);
    addConnectorMetrics(on, options);
    on.counter(
      'log_dropped_total',
      'Lines of the log that were dropped because its reader does not read.',
      options.droppedLines,
    );
    addAccessMetrics(on, { ...options, problems: this.#requests.problems });
    addReloadMetrics(on, options.reloads);
    on.samples('counter', 'http_requests_total', 'HTTP requests, by route pattern.', () =>
      this.#requests.totals(),
    );
    on.histograms(
      'http_request_duration_seconds',
      'Duration of HTTP requests in seconds, without streams.',
      () => this.#requests.durations(),
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

  /** Those of this process alone, in the form of prom-client. */
  json(): Promise<object[]> {
    return this.#gauges.json();
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
    on.gauge(
      'store_writable',
      '1 if the store takes writes, as far as is known, otherwise 0.',
      () => Number(replica.copy.loaded && replica.connectivity.takesWrites),
      'min',
    );
    on.gauges(
      'store_fault',
      '1 for the reason why the store is away, takes no writes, or is at risk; 0 for all others.',
      'reason',
      () => reasonFlags(replica.connectivity.status),
      'max',
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
    on.gauge('manifest_regions', 'Regions in the manifest.', () => replica.copy.manifest.regionCount, 'max');
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

  #addStreams({ feed, maxReaders }: MetricsOptions): void {
    const on = this.#gauges;
    const { counts } = feed;
    on.gauge('stream_readers', 'Open streams.', () => feed.readers);
    on.gauge('stream_readers_limit', 'Streams that may be open at the same time.', () => maxReaders);
    on.histograms(
      'stream_delay_seconds',
      'From a commit to its frame, in seconds, for frames to readers that lacked nothing before.',
      () => [[{}, counts.delays]],
    );
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

  #addRelay({ counts }: Relay): void {
    const on = this.#gauges;
    on.counters(
      'relay_messages_total',
      'Messages of compositors and sockets that this replica passed on, by type.',
      'type',
      () => counts.passed.counts,
    );
    on.samples(
      'counter',
      'relay_dropped_total',
      'Messages that were not passed on, by type and reason: a newer one of its kind, or too many (rate); no room (full); no scope; invalid.',
      () => counts.dropped.map(([type, reason, value]) => ({ value, labels: { type, reason } })),
    );
    on.counter(
      'relay_skipped_total',
      'Times that a socket was so far behind that messages were left out.',
      () => counts.skipped,
    );
  }

  #addFile(file: TileFile | undefined): void {
    const on = this.#gauges;
    on.counter(
      'manifest_file_reads_total',
      'Times that this replica read the manifest file because somebody else wrote it.',
      () => file?.counts.reads ?? 0,
    );
    on.counter(
      'manifest_file_writes_total',
      'Times that this replica wrote the manifest file.',
      () => file?.counts.writes ?? 0,
    );
    on.gauges(
      'manifest_file_state',
      '1 for the state of the manifest file, 0 for all others.',
      'state',
      () => FILE_STATES.map((state) => [state, Number(file?.state.state === state)]),
      'max',
    );
  }
}
