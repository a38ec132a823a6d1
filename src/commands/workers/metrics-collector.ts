import { AggregatorRegistry } from 'prom-client';
import type { MetricsJson } from './messages.ts';

/** A metric as prom-client's `getMetricsAsJSON` gives it. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator?: string;
  readonly values: readonly object[];
}

interface Round {
  readonly answers: Map<number, MetricsJson>;
  readonly requested: ReadonlySet<number>;
  readonly end: () => void;
}

/** Milliseconds that a worker has to answer. */
const TIMEOUT = 1000;

/** Puts the metrics of all workers together. */
export class MetricsCollector {
  readonly #request: (worker: number, id: number) => void;
  readonly #rounds = new Map<number, Round>();
  /** What each of the running ones answered last. */
  readonly #last = new Map<number, MetricsJson>();
  /** The counters of those that ended: a sum that shrank would look like a restart of everything. */
  #ended: MetricsJson = [];
  #lastId = 0;
  #unanswered = 0;
  #restarts = 0;

  /** `request` sends the question number `id` to a worker. */
  constructor(options: { request: (worker: number, id: number) => void }) {
    this.#request = options.request;
  }

  /** The metrics of those of `workers` that answer in time, in the text format of Prometheus. */
  async collect(workers: readonly number[]): Promise<string> {
    const id = ++this.#lastId;
    const answers = new Map<number, MetricsJson>();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, TIMEOUT);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#rounds.set(id, { answers, requested: new Set(workers), end });
      for (const worker of workers) this.#request(worker, id);
      if (workers.length === 0) end();
    });
    this.#rounds.delete(id);
    this.#unanswered += workers.length - answers.size;
    const all = [...answers.values(), this.#ended, this.#own(workers.length)];
    return AggregatorRegistry.aggregate(all).metrics();
  }

  /** Takes what `worker` answered to the question number `id`. */
  answer(worker: number, id: number, metrics: MetricsJson): void {
    this.#last.set(worker, metrics);
    const round = this.#rounds.get(id);
    if (!round?.requested.has(worker)) return;
    round.answers.set(worker, metrics);
    if (round.answers.size === round.requested.size) round.end();
  }

  /** That worker has ended, and another takes its number. */
  ended(worker: number): void {
    this.#restarts += 1;
    const counters = countersOf(this.#last.get(worker) ?? []);
    this.#last.delete(worker);
    this.#ended = merge(this.#ended as readonly Metric[], counters);
  }

  #own(running: number): MetricsJson {
    const metric = (type: string, name: string, help: string, value: number) => {
      return { type, name: `compositord_${name}`, help, values: [{ value, labels: {} }], aggregator: 'sum' };
    };
    return [
      metric('gauge', 'workers', 'Workers that serve.', running),
      metric('counter', 'worker_ends_total', 'Workers that ended and were started again.', this.#restarts),
      metric(
        'counter',
        'workers_unanswered_total',
        'Times that a worker did not send its metrics in time, and was left out.',
        this.#unanswered,
      ),
    ];
  }
}

/** Those whose sum over all processes ever is what counts. */
function countersOf(metrics: MetricsJson): Metric[] {
  return (metrics as readonly Metric[]).filter(
    ({ type, aggregator = 'sum' }) => (type === 'counter' || type === 'histogram') && aggregator === 'sum',
  );
}

/** Both together, with one sample for each set of labels, so that it does not grow with every end. */
function merge(before: readonly Metric[], after: readonly Metric[]): Metric[] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].map((name) => {
    const [first, second] = [before, after].map((all) => all.find((metric) => metric.name === name));
    if (!first || !second) return (first ?? second)!;
    return { ...first, values: sum([...first.values, ...second.values] as Value[]) };
  });
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly metricName?: string;
}

function sum(values: readonly Value[]): Value[] {
  const sums = new Map<string, Value>();
  for (const each of values) {
    const key = `${each.metricName ?? ''} ${JSON.stringify(each.labels)}`;
    sums.set(key, { ...each, value: each.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}
