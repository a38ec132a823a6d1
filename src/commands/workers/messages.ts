/** Metrics in the form of prom-client. */
export type MetricsJson = readonly object[];

/** What a worker tells the primary. */
export type FromWorker =
  /** Its manifest is loaded, or waits for a store that is away: it can listen. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'serving'; readonly url: string }
  /** It cannot start, and ends; `message` is for the operator. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The store wants another process id: a new process may do. */
  | { readonly kind: 'process-id-taken'; readonly message: string }
  /** Its answer to `reload`: the configuration is in force, or was refused. */
  | { readonly kind: 'reloaded'; readonly id: number }
  /** A client of it asks for the metrics of all. */
  | { readonly kind: 'scrape'; readonly id: number }
  /** Its answer to `ping`. */
  | { readonly kind: 'pong' }
  /** Its answer to `collect`. */
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: MetricsJson };

/** What the primary tells a worker. */
export type FromPrimary =
  | { readonly kind: 'listen' }
  | { readonly kind: 'reload'; readonly id: number }
  | { readonly kind: 'stop' }
  /** Whether it answers at all. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'running'; readonly count: number }
  | { readonly kind: 'collect'; readonly id: number }
  /** The answer to `scrape`. */
  | { readonly kind: 'scraped'; readonly id: number; readonly text: string };
