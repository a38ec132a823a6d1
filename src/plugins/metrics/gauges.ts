import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';

/** What several workers of one daemon say of one metric is put together by this: `sum` of what each has, else what all of them see. */
export type Aggregator = 'sum' | 'min' | 'max' | 'first';

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

  gauge(name: string, help: string, read: () => number, aggregator?: Aggregator): void {
    this.samples('gauge', name, help, () => [{ value: read(), labels: {} }], aggregator);
  }

  gauges(name: string, help: string, label: string, read: () => ByLabel, aggregator?: Aggregator): void {
    this.samples('gauge', name, help, () => labelled(label, read()), aggregator);
  }

  counter(name: string, help: string, read: () => number, aggregator?: Aggregator): void {
    this.samples('counter', name, help, () => [{ value: read(), labels: {} }], aggregator);
  }

  counters(name: string, help: string, label: string, read: () => ByLabel): void {
    this.samples('counter', name, help, () => labelled(label, read()));
  }

  samples(
    type: 'gauge' | 'counter' | 'histogram',
    name: string,
    help: string,
    read: (fullName: string) => Sample[],
    aggregator: Aggregator = 'sum',
  ): void {
    const fullName = PREFIX + name;
    const get = async () => ({ name: fullName, help, type, values: read(fullName), aggregator });
    // The registry calls nothing else on a metric.
    this.#registry.registerMetric({ name: fullName, get } as unknown as Metric);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the text format of Prometheus. */
  async text(): Promise<string> {
    return (await this.#registry.metrics()) + (await processMetrics!.metrics());
  }

  /** All metrics as prom-client puts them together with those of others. */
  async json(): Promise<object[]> {
    return [...(await this.#registry.getMetricsAsJSON()), ...(await processMetrics!.getMetricsAsJSON())];
  }
}

function labelled(label: string, values: ByLabel): Sample[] {
  return [...values].map(([name, value]) => ({ value, labels: { [label]: name } }));
}
