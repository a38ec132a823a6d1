import { collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges with a name that only a counter may have; the same is in those without `_total`, by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Of several workers the slowest is the one to know of: the mean of eight hides one that stands still. */
const OF_THE_WORST = new Set([
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
]);

/** Metrics of the process (`process_*`, `nodejs_*`): shared by all daemons of the process, and measured once. */
let registry: Registry | undefined;

function registryOfProcess(): Registry {
  if (registry) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}

/** Memory, processor time, descriptors, event loop and garbage collection of this process. */
export class ProcessMetrics {
  readonly #registry = registryOfProcess();

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** In the form in which prom-client puts those of several processes together. */
  async json(): Promise<object[]> {
    const metrics = await this.#registry.getMetricsAsJSON();
    return metrics.map((metric) =>
      OF_THE_WORST.has(metric.name) ? { ...metric, aggregator: 'max' as const } : metric,
    );
  }
}
