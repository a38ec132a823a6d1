import { ValueType, type HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/** A metric as the registry of `/metrics` has it. */
export interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly RegisteredValue[];
}

interface RegisteredValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly metricName?: string;
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** The same metric as OpenTelemetry exports it; undefined for a type that we have none of. */
export function metricData(metric: RegisteredMetric, times: Times): MetricData | undefined {
  const { name, help: description, type, values } = metric;
  const descriptor = { name, description, unit: '', valueType: ValueType.DOUBLE, advice: {} };
  const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  const points = () =>
    values
      .filter(({ value }) => Number.isFinite(value))
      .map(({ value, labels }) => ({ ...times, attributes: attributesOf(labels), value }));
  switch (type) {
    case 'counter':
      return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points() };
    case 'gauge':
      return { ...common, dataPointType: DataPointType.GAUGE, dataPoints: points() };
    case 'histogram':
      return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(metric, times) };
    default:
      return undefined;
  }
}

/** One point for each set of labels, of its buckets, sum and count. */
function histograms({ name, values }: RegisteredMetric, times: Times) {
  const bySet = new Map<
    string,
    { attributes: Record<string, string>; bounds: number[]; totals: number[]; sum: number }
  >();
  for (const { labels, value, metricName } of values) {
    const { le, ...others } = labels;
    const attributes = attributesOf(others);
    const key = JSON.stringify(Object.entries(attributes).sort());
    let set = bySet.get(key);
    if (!set) bySet.set(key, (set = { attributes, bounds: [], totals: [], sum: 0 }));
    if (metricName === `${name}_sum`) set.sum = value;
    if (metricName !== `${name}_bucket`) continue;
    if (le !== '+Inf') set.bounds.push(Number(le));
    set.totals.push(value);
  }
  return [...bySet.values()].map(({ attributes, bounds, totals, sum }) => ({
    ...times,
    attributes,
    value: {
      buckets: { boundaries: bounds, counts: totals.map((total, i) => total - (totals[i - 1] ?? 0)) },
      sum,
      count: totals.at(-1) ?? 0,
    },
  }));
}

function attributesOf(labels: RegisteredValue['labels']): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
