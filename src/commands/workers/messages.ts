/** Metrics in the form of prom-client. */
export type MetricsJson = readonly object[];

/** What a worker tells the primary. */
export type FromWorker =
  /** Its manifest is loaded, or waits for a store that is away: it can listen. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'serving'; readonly url: string }
  /** It cannot start, and ends; `message` is for the operator. */
  | { readonly kind: 'failed'; readonly message: string }
  /** A client of it asks for the metrics of all. */
  | { readonly kind: 'scrape'; readonly id: number }
  /** Its answer to `collect`. */
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: MetricsJson };

/** What the primary tells a worker. */
export type FromPrimary =
  | { readonly kind: 'listen' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'running'; readonly count: number }
  | { readonly kind: 'collect'; readonly id: number }
  /** The answer to `scrape`. */
  | { readonly kind: 'scraped'; readonly id: number; readonly text: string };
