import type { FastifyInstance } from 'fastify';
import type { Sample } from './gauges.ts';

/** Upper bounds of the buckets, in seconds; a long poll takes up to 60. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The counts of one route and method. */
interface RouteCounts {
  readonly labels: { readonly method: string; readonly route: string };
  readonly statuses: Map<number, number>;
  /** Requests per bucket of {@link BUCKETS}, not cumulative; the last bucket has no upper bound. */
  readonly took: number[];
  seconds: number;
}

/**
 * Counts requests by the pattern of their route, never by URL, so that clients cannot create label values. prom-client's own
 * histogram formats its labels for each request, which cost as much as routing the request.
 */
export class RequestCounts {
  /** By method and route. */
  readonly #routes = new Map<string, RouteCounts>();

  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const { config } = request.routeOptions;
      const counts = this.#of(request.method, config);
      counts.statuses.set(reply.statusCode, (counts.statuses.get(reply.statusCode) ?? 0) + 1);
      // The duration of a stream says nothing about the speed of replies.
      if (!config.stream) {
        const seconds = reply.elapsedTime / 1000;
        const bucket = BUCKETS.findIndex((most) => seconds <= most);
        counts.took[bucket < 0 ? BUCKETS.length : bucket]! += 1;
        counts.seconds += seconds;
      }
      done();
    });
  }

  /** Samples in the form of prom-client. */
  totals(): Sample[] {
    return [...this.#routes.values()].flatMap(({ labels, statuses }) =>
      [...statuses].map(([status, value]) => ({ value, labels: { ...labels, status } })),
    );
  }

  durations(name: string): Sample[] {
    return [...this.#routes.values()].flatMap(({ labels, took, seconds }) => {
      let sum = 0;
      const buckets = [...BUCKETS, '+Inf'].map((le, i) => ({
        value: (sum += took[i]!),
        labels: { le, ...labels },
        metricName: `${name}_bucket`,
      }));
      if (sum === 0) return [];
      return [
        ...buckets,
        { value: seconds, labels, metricName: `${name}_sum` },
        { value: sum, labels, metricName: `${name}_count` },
      ];
    });
  }

  #of(method: string, { url: route = 'none' }: { url?: string }): RouteCounts {
    const key = `${method} ${route}`;
    let counts = this.#routes.get(key);
    if (!counts) {
      const took = Array.from({ length: BUCKETS.length + 1 }, () => 0);
      this.#routes.set(key, (counts = { labels: { method, route }, statuses: new Map(), took, seconds: 0 }));
    }
    return counts;
  }
}
