import { context, type HrTime } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { PeriodicExportingMetricReader, MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Clock } from '../../domain/clock.ts';
import { waitAtMost } from '../../concurrency/timeout.ts';
import { metricData, type RegisteredMetric } from './metric-data.ts';
import { OtelTracer } from './otel-tracer.ts';

export interface TelemetryOptions {
  /** Where OTLP over HTTP is taken: `/v1/traces` and `/v1/metrics` below it. */
  readonly endpoint: string;
  /** Share of the traces that begin here, from 0 to 1. Others follow their sender. */
  readonly sample: number;
  /** Seconds between two exports of the metrics. */
  readonly interval: number;
  readonly name: string;
  readonly version: string;
  /** This process, among others of the name. */
  readonly instance: string;
  readonly clock: Clock;
}

/** Milliseconds for one request to the collector, and for the last ones. */
const EXPORT_TIMEOUT = 5000;
const CLOSE_TIMEOUT = 1000;
/** Spans that wait for the next request; more are dropped. */
const MOST_WAITING = 4096;

/** Sends traces and metrics to a collector. What it cannot take in time is dropped: nothing here waits for it. */
export class Telemetry {
  readonly tracer: OtelTracer;
  readonly #clock: Clock;
  readonly #traces: BasicTracerProvider;
  readonly #metrics: MeterProvider;
  /** The metrics of `/metrics`, once there are any. */
  #read: () => Promise<readonly object[]> = async () => [];

  constructor(options: TelemetryOptions) {
    const { endpoint, sample, interval, name, version, instance, clock } = options;
    this.#clock = clock;
    const base = endpoint.replace(/\/$/, '');
    const resource = resourceFromAttributes({
      'service.name': name,
      'service.version': version,
      'service.instance.id': instance,
    });
    const exporter = new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT });
    this.#traces = new BasicTracerProvider({
      resource,
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sample) }),
      spanProcessors: [
        new BatchSpanProcessor(exporter, {
          maxQueueSize: MOST_WAITING,
          scheduledDelayMillis: 1000,
          exportTimeoutMillis: EXPORT_TIMEOUT,
        }),
      ],
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    this.tracer = new OtelTracer(this.#traces.getTracer(name, version));
    const startTime = hrTime(clock.now());
    this.#metrics = new MeterProvider({
      resource,
      readers: [
        new PeriodicExportingMetricReader({
          exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: EXPORT_TIMEOUT }),
          exportIntervalMillis: interval * 1000,
          exportTimeoutMillis: Math.min(EXPORT_TIMEOUT, interval * 1000),
          metricProducers: [
            {
              collect: async () => {
                const times = { startTime, endTime: hrTime(clock.now()) };
                const registered = (await this.#read()) as RegisteredMetric[];
                const metrics = registered.flatMap((metric) => metricData(metric, times) ?? []);
                return {
                  resourceMetrics: { resource, scopeMetrics: [{ scope: { name, version }, metrics }] },
                  errors: [],
                };
              },
            },
          ],
        }),
      ],
    });
  }

  /** Says how the metrics are read, in the form of prom-client. */
  provideMetrics(read: () => Promise<readonly object[]>): void {
    this.#read = read;
  }

  /** Sends what waits, as far as the collector takes it within a second. */
  async close(): Promise<void> {
    const ends = Promise.allSettled([this.#metrics.shutdown(), this.#traces.shutdown()]);
    await waitAtMost(this.#clock, CLOSE_TIMEOUT, ends);
    context.disable();
  }
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}
