import type { FastifyInstance } from 'fastify';
import type { Sample } from './instruments.ts';

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
  readonly #routes = new Map<object, Map<string, RouteCounts>>();

  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const { config } = request.routeOptions;
      const counts = this.#of(config, request.method);
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
    return this.#all().flatMap(({ labels, statuses }) =>
      [...statuses].map(([status, value]) => ({ value, labels: { ...labels, status } })),
    );
  }

  durations(name: string): Sample[] {
    return this.#all().flatMap(({ labels, took, seconds }) => {
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

  #all(): RouteCounts[] {
    return [...this.#routes.values()].flatMap((byMethod) => [...byMethod.values()]);
  }

  #of(config: object & { url?: string }, method: string): RouteCounts {
    let byMethod = this.#routes.get(config);
    if (!byMethod) this.#routes.set(config, (byMethod = new Map<string, RouteCounts>()));
    let counts = byMethod.get(method);
    if (!counts) {
      const took = Array.from({ length: BUCKETS.length + 1 }, () => 0);
      const labels = { method, route: config.url ?? 'none' };
      byMethod.set(method, (counts = { labels, statuses: new Map(), took, seconds: 0 }));
    }
    return counts;
  }
}
