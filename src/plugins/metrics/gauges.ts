import { Registry, type Metric } from 'prom-client';
import type { Histogram } from '../../domain/histogram.ts';
import { ProcessMetrics } from './process-metrics.ts';

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

/** Metrics that are read from the services when Prometheus asks. Each daemon has a registry of its own, never the global one. */
export class Gauges {
  readonly #registry = new Registry();
  readonly #process = new ProcessMetrics();

  gauge(name: string, help: string, read: () => number, aggregator?: Aggregator): void {
    this.samples('gauge', name, help, () => [{ value: read(), labels: {} }], aggregator);
  }

  gauges(name: string, help: string, label: string, read: () => ByLabel, aggregator?: Aggregator): void {
    this.samples('gauge', name, help, () => labelled(label, read()), aggregator);
  }

  counter(name: string, help: string, read: () => number, aggregator?: Aggregator): void {
    this.samples('counter', name, help, () => [{ value: read(), labels: {} }], aggregator);
  }

  counters(name: string, help: string, label: string, read: () => ByLabel, aggregator?: Aggregator): void {
    this.samples('counter', name, help, () => labelled(label, read()), aggregator);
  }

  /** One histogram for each set of labels that `read` gives; those without a value are left out. */
  histograms(
    name: string,
    help: string,
    read: () => Iterable<readonly [labels: Sample['labels'], Histogram]>,
  ): void {
    this.samples('histogram', name, help, (fullName) =>
      [...read()].flatMap(([labels, histogram]) => samplesOf(fullName, labels, histogram)),
    );
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
    return (await this.#registry.metrics()) + (await this.#process.text());
  }

  /** All metrics as prom-client puts them together with those of others. */
  async json(): Promise<object[]> {
    return [...(await this.#registry.getMetricsAsJSON()), ...(await this.#process.json())];
  }
}

/** Counts how often each value occurs. Values that do not occur count 0, otherwise Prometheus would keep their last number. */
export function countsOf(values: readonly string[], all: Iterable<string>): ByLabel {
  const counts = new Map<string, number>(values.map((value) => [value, 0]));
  for (const value of all) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function labelled(label: string, values: ByLabel): Sample[] {
  return [...values].map(([name, value]) => ({ value, labels: { [label]: name } }));
}

function samplesOf(name: string, labels: Sample['labels'], { bounds, cumulative, sum }: Histogram): Sample[] {
  const count = cumulative[bounds.length]!;
  if (count === 0) return [];
  return [
    ...[...bounds, '+Inf'].map((le, i) => ({
      value: cumulative[i]!,
      labels: { le, ...labels },
      metricName: `${name}_bucket`,
    })),
    { value: sum, labels, metricName: `${name}_sum` },
    { value: count, labels, metricName: `${name}_count` },
  ];
}
