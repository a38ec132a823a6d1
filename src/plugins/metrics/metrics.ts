import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { STATUSES } from '../../domain/compositor.ts';
import { revisionOf } from '../../domain/cursor.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import type { Feed } from '../../services/feed/feed.ts';
import type { LeaseExpirer } from '../../services/compositors/lease-expirer.ts';
import type { Replica } from '../../services/manifest/replica.ts';
import type { Supervisor } from '../../services/connectors/supervisor.ts';
import type { Counter } from '../../domain/counter.ts';
import { Instruments, type ByLabel } from './instruments.ts';
import { RequestCounts } from './request-counts.ts';

export interface MetricsOptions {
  readonly replica: Replica;
  readonly feed: Feed;
  readonly leases: LeaseExpirer;
  readonly supervisor: Supervisor;
  /** What peers did that is not as it should be; of a few kinds. */
  readonly protocolViolations: Counter;
  /** How often the watch over the store's log broke off. */
  readonly tailRestarts: () => number;
  readonly version: string;
}

/** Milliseconds between two looks at how late the process turns. */
const RESOLUTION = 20;

/**
 * What the daemon tells Prometheus. No label holds what came from outside: names of compositors, URLs and whatever else a
 * client can make up would fill the memory of whoever watches (FAILURES 25).
 */
export class Metrics {
  readonly #instruments = new Instruments();
  readonly #requests = new RequestCounts();
  readonly #lag: IntervalHistogram;
  readonly #unsubscribe: () => void;
  #commits = 0;
  #reloads = 0;

  constructor(options: MetricsOptions) {
    const { replica, version } = options;
    this.#lag = monitorEventLoopDelay({ resolution: RESOLUTION });
    this.#lag.enable();
    this.#unsubscribe = replica.subscribe({
      committed: () => (this.#commits += 1),
      reloaded: () => (this.#reloads += 1),
    });
    const on = this.#instruments;
    on.gauges('build_info', 'The version that runs.', 'version', () => [[version, 1]]);
    on.gauge('memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
    on.gauges(
      'event_loop_lag_seconds',
      'How late the process turned since the metrics were last read.',
      'quantile',
      () => this.#lags(),
    );
    this.#addManifest(options);
    this.#addStreams(options.feed);
    this.#addConnectors(options);
    on.samples('http_requests_total', 'Requests, by the pattern of their route.', 'counter', () =>
      this.#requests.totals(),
    );
    on.samples(
      'http_request_duration_seconds',
      'How long answers took; streams not counted.',
      'histogram',
      (name) => this.#requests.durations(name),
    );
  }

  /** Counts the requests to `server`; to be called before its routes are added. */
  watch(server: FastifyInstance): void {
    this.#requests.watch(server);
  }

  async text(): Promise<{ text: string; type: string }> {
    return this.#instruments.text();
  }

  stop(): void {
    this.#lag.disable();
    this.#unsubscribe();
  }

  #addManifest({ replica, leases, tailRestarts }: MetricsOptions): void {
    const on = this.#instruments;
    on.gauge('store_up', '1 while the manifest is loaded and the store answers.', () =>
      Number(replica.loaded && !replica.degraded),
    );
    on.counter('store_tail_restarts_total', 'Times that the watch over the log broke off.', tailRestarts);
    on.gauge('manifest_revision', 'The revision of the manifest.', () => revisionOf(replica.head));
    on.gauge('manifest_tiles', 'Tiles in the manifest.', () => replica.manifest.tileCount);
    on.gauges('manifest_compositors', 'Compositors in the manifest.', 'status', () =>
      countsOf(
        STATUSES,
        [...replica.manifest.compositors()].map(([, { status }]) => status),
      ),
    );
    on.counter('manifest_commits_total', 'Commits seen, whoever made them.', () => this.#commits);
    on.counter('manifest_reloads_total', 'Times that the history was replaced.', () => this.#reloads);
    on.counters('lease_ends_total', 'Leases that this replica ended: turned stale, or removed.', 'how', () =>
      Object.entries(leases.ended),
    );
  }

  #addStreams(feed: Feed): void {
    const on = this.#instruments;
    const { counts } = feed;
    on.gauge('stream_readers', 'Open streams.', () => feed.readers);
    on.counter('stream_frames_total', 'Frames written to streams.', () => counts.frames);
    on.counter('stream_bytes_total', 'Bytes of these frames.', () => counts.bytes);
    on.counter(
      'stream_conflated_total',
      'Times that a reader whose socket drained was left to get several changes as one.',
      () => counts.conflated,
    );
    on.counters('stream_snapshots_total', 'Snapshots begun.', 'reason', () =>
      Object.entries(counts.snapshots),
    );
    on.counters('stream_dismissed_total', 'Streams ended by the daemon.', 'reason', () => counts.byes.counts);
  }

  #addConnectors({ supervisor, protocolViolations }: MetricsOptions): void {
    const on = this.#instruments;
    on.gauges('connectors', 'Connectors that this replica holds.', 'state', () =>
      countsOf(HEALTH_STATES.slice(1), supervisor.states),
    );
    on.counters(
      'protocol_violations_total',
      'Messages of compositors that were ignored because they violate the protocol.',
      'kind',
      () => protocolViolations.counts,
    );
  }

  #lags(): ByLabel {
    const { min, max } = this.#lag;
    // Nothing was measured yet: its own word for that is a number beyond all.
    if (min > max) return [];
    // It measures from one turn of a timer to the next: what is beyond its own time is late.
    const late = (p: number) => Math.max(0, this.#lag.percentile(p) / 1e6 - RESOLUTION) / 1000;
    const lags = [50, 99, 100].map((p) => [String(p / 100), late(p)] as const);
    this.#lag.reset();
    return lags;
  }
}

/** How many of `all` are each of `words`: also the words of which there is none now, or their last number would stay. */
function countsOf(words: readonly string[], all: Iterable<string>): ByLabel {
  const counts = new Map<string, number>(words.map((word) => [word, 0]));
  for (const word of all) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
