import type { Counter } from '../../domain/counter.ts';
import type { Denial } from '../../services/access/tokens.ts';
import { PROBLEM_KINDS } from '../problems.ts';
import type { ByLabel, Gauges } from './gauges.ts';

interface AccessMetricsOptions {
  readonly denied: Readonly<Record<Denial, number>>;
  readonly refused: () => ByLabel;
  readonly bodyBytes: () => number;
  readonly problems: Counter;
}

/** What clients were refused, and why. */
export function addAccessMetrics(on: Gauges, options: AccessMetricsOptions): void {
  const { denied, refused, bodyBytes, problems } = options;
  on.counters(
    'auth_failures_total',
    'Requests that were refused because their token is unknown, absent, lacks the scope, or is for other compositors.',
    'reason',
    () => Object.entries(denied),
  );
  on.counters(
    'limited_total',
    'Requests, streams, sockets, long polls, bodies, connections and guesses of a token that were refused because their client has too many, or all have.',
    'limit',
    refused,
  );
  on.gauge('body_bytes', 'Memory of the request bodies that are being received.', bodyBytes);
  // All of them from the first scrape on: a counter that appears with 1 has no rate.
  on.counters('problems_total', 'Requests that were answered with a problem, by its kind.', 'kind', () =>
    Object.keys(PROBLEM_KINDS).map((kind) => [kind, problems.counts.get(kind) ?? 0]),
  );
}
