import type { FastifyInstance } from 'fastify';
import { Counter } from '../../domain/counter.ts';
import { Histogram } from '../../domain/histogram.ts';
import type { Sample } from './gauges.ts';

/** Upper bounds of the buckets, in seconds; a long poll takes up to 60. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The counts of one route and method. */
interface RouteCounts {
  readonly labels: { readonly method: string; readonly route: string };
  readonly statuses: Map<number, number>;
  /** Seconds that replies took. */
  readonly took: Histogram;
}

/**
 * Counts requests by the pattern of their route, never by URL, so that clients cannot create label values. prom-client's own
 * histogram formats its labels for each request, which cost as much as routing the request.
 */
export class RequestCounts {
  /** By method and route. */
  readonly #routes = new Map<string, RouteCounts>();
  /** Replies that are a problem, by its kind. */
  readonly problems = new Counter();

  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const config = request.routeConfig;
      const counts = this.#of(request.method, config);
      counts.statuses.set(reply.statusCode, (counts.statuses.get(reply.statusCode) ?? 0) + 1);
      // The duration of a stream says nothing about the speed of replies.
      if (!config.stream) counts.took.observe(reply.elapsedTime / 1000);
      if (request.problem) this.problems.add(request.problem);
      done();
    });
  }

  /** Samples in the form of prom-client. */
  totals(): Sample[] {
    return [...this.#routes.values()].flatMap(({ labels, statuses }) =>
      [...statuses].map(([status, value]) => ({ value, labels: { ...labels, status } })),
    );
  }

  durations(): (readonly [RouteCounts['labels'], Histogram])[] {
    return [...this.#routes.values()].map(({ labels, took }) => [labels, took]);
  }

  #of(method: string, { url: route = 'none' }: { url?: string }): RouteCounts {
    const key = `${method} ${route}`;
    let counts = this.#routes.get(key);
    if (!counts) {
      counts = { labels: { method, route }, statuses: new Map(), took: new Histogram(BUCKETS) };
      this.#routes.set(key, counts);
    }
    return counts;
  }
}
