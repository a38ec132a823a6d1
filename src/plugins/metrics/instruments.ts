import { Counter, Gauge, Registry, type Metric } from 'prom-client';

/** A number for each value of one label; the values are known beforehand, and few. */
export type ByLabel = Iterable<readonly [string, number]>;

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

const PREFIX = 'compositord_';

/** Metrics that are read from where they are kept when somebody asks; in a registry of their own, never the global one. */
export class Instruments {
  readonly #registry = new Registry();

  gauge(name: string, help: string, read: () => number): void {
    const gauge = new Gauge({
      ...this.#about(name, help),
      collect: () => {
        gauge.set(read());
      },
    });
  }

  gauges(name: string, help: string, label: string, read: () => ByLabel): void {
    const gauge = new Gauge({
      ...this.#about(name, help),
      labelNames: [label],
      collect: () => {
        gauge.reset();
        for (const [value, count] of read()) gauge.set({ [label]: value }, count);
      },
    });
  }

  counter(name: string, help: string, read: () => number): void {
    const counter = new Counter({
      ...this.#about(name, help),
      collect: () => {
        counter.reset();
        counter.inc(read());
      },
    });
  }

  counters(name: string, help: string, label: string, read: () => ByLabel): void {
    const counter = new Counter({
      ...this.#about(name, help),
      labelNames: [label],
      collect: () => {
        counter.reset();
        for (const [value, count] of read()) counter.inc({ [label]: value }, count);
      },
    });
  }

  /** One that keeps its own samples. */
  samples(name: string, help: string, type: 'counter' | 'histogram', read: (name: string) => Sample[]): void {
    const full = PREFIX + name;
    const get = async () => ({ name: full, help, type, values: read(full), aggregator: 'sum' });
    // The registry asks a metric for no more than this.
    this.#registry.registerMetric({ name: full, get } as unknown as Metric);
  }

  /** All of them, as Prometheus reads them. */
  async text(): Promise<{ text: string; type: string }> {
    return { text: await this.#registry.metrics(), type: this.#registry.contentType };
  }

  #about(name: string, help: string) {
    return { name: PREFIX + name, help, registers: [this.#registry] };
  }
}
