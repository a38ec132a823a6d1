import { randomUUID } from 'node:crypto';
import type { Settings } from '../config/config.ts';
import type { Clock } from '../domain/clock.ts';
import { NO_TRACER, type Tracer } from '../domain/tracer.ts';
import type { Context } from './context.ts';

/** What the daemon does to be seen from outside, beside its log and `/metrics`. */
export interface OpenTelemetry extends Pick<Context, 'tracer' | 'provideMetrics'> {
  readonly tracer: Tracer;
  /** Fields of each line of the log, a new object each time; absent where there are none. */
  readonly lineFields?: () => object;
  close(): Promise<void>;
}

const NO_TELEMETRY: OpenTelemetry = {
  tracer: NO_TRACER,
  provideMetrics: () => undefined,
  close: async () => undefined,
};

/** Loads the libraries only where traces and metrics are sent somewhere. */
export async function openTelemetry(
  { name, telemetry }: Settings,
  { clock, version }: { clock: Clock; version: string },
): Promise<OpenTelemetry> {
  const { endpoint, sample, interval } = telemetry;
  if (endpoint === undefined) return NO_TELEMETRY;
  const { Telemetry } = await import('../adapters/telemetry/telemetry.ts');
  const { traceOfLine } = await import('../adapters/telemetry/otel-tracer.ts');
  const opened = new Telemetry({ endpoint, sample, interval, name, version, instance: randomUUID(), clock });
  return {
    tracer: opened.tracer,
    provideMetrics: (read) => opened.provideMetrics(read),
    lineFields: () => traceOfLine() ?? {},
    close: () => opened.close(),
  };
}
