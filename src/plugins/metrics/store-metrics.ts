import type { StoreCalls } from '../../services/manifest/measured-store.ts';
import type { StoreSize } from '../../services/manifest/store-size.ts';
import type { Gauges } from './gauges.ts';

interface StoreMetricsOptions {
  readonly storeCalls: StoreCalls;
  readonly storeSize: StoreSize;
}

/** How long the store takes to answer, how often it does not, and how large it is. */
export function addStoreMetrics(on: Gauges, { storeCalls, storeSize }: StoreMetricsOptions): void {
  on.histograms(
    'store_call_duration_seconds',
    'Duration of calls to the store in seconds, of those that failed, too.',
    () => [...storeCalls.durations].map(([call, durations]) => [{ call }, durations]),
  );
  on.counters(
    'store_call_failures_total',
    'Calls to the store that failed.',
    'call',
    () => storeCalls.failures,
  );
  on.samples(
    'gauge',
    'store_bytes',
    'Bytes that the store takes, about: its file, or its keys in Redis. Absent while it does not say.',
    () => (storeSize.bytes === undefined ? [] : [{ value: storeSize.bytes, labels: {} }]),
    'max',
  );
}
