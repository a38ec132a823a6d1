/** Facts about a span. They come from the daemon, or are bounded like the rest of a request's line in the log. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** A span that others can name as their cause, for whoever made it. */
export type SpanRef = object;

/** A span of which the end is not that of one function. */
export interface OpenSpan {
  /** Whatever `work` starts belongs to the span. */
  run(work: () => void): void;
  end(facts: SpanFacts, failed: boolean): void;
}

/** Says what takes how long inside, to whoever collects traces. All of it costs nothing but a call while nobody does. */
export interface Tracer {
  /** The span that is under way here; undefined without one. */
  readonly current: SpanRef | undefined;
  /** Runs `work` as a span, within the one that is under way here. One that rejects has failed. */
  span<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T>;
  /** The same for work that several spans have caused together: it is within none of them, and names them. */
  shared<T>(
    name: string,
    facts: SpanFacts,
    causes: Iterable<SpanRef | undefined>,
    work: () => Promise<T>,
  ): Promise<T>;
  /** Begins the span of a request, within that of its sender if `headers` name one; undefined while nobody collects traces. */
  request(headers: Readonly<Record<string, unknown>>, method: string): OpenSpan | undefined;
  /** What a request of ours carries, so that what it causes is within the span that is under way here. */
  headers(): Readonly<Record<string, string>>;
}

/** Nobody collects traces. */
export const NO_TRACER: Tracer = {
  current: undefined,
  span: (_name, _facts, work) => work(),
  shared: (_name, _facts, _causes, work) => work(),
  request: () => undefined,
  headers: () => NO_HEADERS,
};
const NO_HEADERS = {};
