import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';

/** One value per value of a label. The values of a label are few, and known in advance. */
export type ByLabel = Iterable<readonly [string, number]>;

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

const PREFIX = 'compositord_';

/** Metrics of the process (`process_*`, `nodejs_*`): shared by all daemons of the process, and measured once. */
let processMetrics: Registry | undefined;

/** Metrics that are read from the services when Prometheus asks. Each daemon has a registry of its own, never the global one. */
export class Gauges {
  readonly #registry = new Registry();

  constructor() {
    if (processMetrics) return;
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }

  gauge(name: string, help: string, read: () => number): void {
    this.samples('gauge', name, help, () => [{ value: read(), labels: {} }]);
  }

  gauges(name: string, help: string, label: string, read: () => ByLabel): void {
    this.samples('gauge', name, help, () => labelled(label, read()));
  }

  counter(name: string, help: string, read: () => number): void {
    this.samples('counter', name, help, () => [{ value: read(), labels: {} }]);
  }

  counters(name: string, help: string, label: string, read: () => ByLabel): void {
    this.samples('counter', name, help, () => labelled(label, read()));
  }

  samples(
    type: 'gauge' | 'counter' | 'histogram',
    name: string,
    help: string,
    read: (fullName: string) => Sample[],
  ): void {
    const fullName = PREFIX + name;
    const get = async () => ({ name: fullName, help, type, values: read(fullName), aggregator: 'sum' });
    // The registry calls nothing else on a metric.
    this.#registry.registerMetric({ name: fullName, get } as unknown as Metric);
  }

  /** All metrics in the text format of Prometheus. */
  async text(): Promise<{ text: string; type: string }> {
    const text = (await this.#registry.metrics()) + (await processMetrics!.metrics());
    return { text, type: this.#registry.contentType };
  }
}

function labelled(label: string, values: ByLabel): Sample[] {
  return [...values].map(([name, value]) => ({ value, labels: { [label]: name } }));
}
