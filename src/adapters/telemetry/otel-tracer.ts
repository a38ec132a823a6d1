import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type Tracer as OtelApiTracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { OpenSpan, SpanFacts, SpanRef, Tracer } from '../../domain/tracer.ts';

/** Causes that a span names at most. */
const MOST_CAUSES = 32;

const propagator = new W3CTraceContextPropagator();

/** Spans of OpenTelemetry. Each follows what it belongs to through AsyncLocalStorage. */
export class OtelTracer implements Tracer {
  readonly #tracer: OtelApiTracer;

  constructor(tracer: OtelApiTracer) {
    this.#tracer = tracer;
  }

  get current(): SpanRef | undefined {
    return trace.getActiveSpan()?.spanContext();
  }

  span<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T> {
    return this.#run(this.#tracer.startSpan(name, { attributes: facts }), context.active(), work);
  }

  shared<T>(
    name: string,
    facts: SpanFacts,
    causes: Iterable<SpanRef | undefined>,
    work: () => Promise<T>,
  ): Promise<T> {
    const links = [...new Set(causes)]
      .filter((cause) => cause !== undefined)
      .slice(0, MOST_CAUSES)
      .map((cause) => ({ context: cause as SpanContext }));
    const span = this.#tracer.startSpan(name, { attributes: facts, links }, ROOT_CONTEXT);
    return this.#run(span, ROOT_CONTEXT, work);
  }

  request(headers: Readonly<Record<string, unknown>>, method: string): OpenSpan {
    const sender = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = { 'http.request.method': method };
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, sender);
    const inside = trace.setSpan(sender, span);
    return {
      run: (work) => context.with(inside, work),
      end: (facts, failed) => {
        const route = facts['http.route'];
        if (route !== undefined) span.updateName(`${method} ${route}`);
        span.setAttributes(facts);
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    propagator.inject(context.active(), headers, defaultTextMapSetter);
    return headers;
  }

  async #run<T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> {
    try {
      return await context.with(trace.setSpan(parent, span), work);
    } catch (error) {
      // The class alone: a message may hold what somebody sent.
      const name = error instanceof Error ? error.name : 'unknown';
      span.setAttribute('error.type', name).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }
}

/** What a line of the log says of the span that is under way; nothing once that has ended. */
export function traceOfLine(): { traceId: string; spanId: string } | undefined {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return undefined;
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}
