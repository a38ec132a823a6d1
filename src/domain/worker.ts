/** This process as one of several that serve one address together, each a replica of its own. */
export interface Worker {
  /** From 1 to `count`; the process that replaces this one has it, too. */
  readonly number: number;
  readonly count: number;
  /** How many of them serve just now. */
  readonly running: number;
  /** Says how the metrics of this process are read, in the form of prom-client. */
  provideMetrics(read: () => Promise<readonly object[]>): void;
  /** The metrics of all that answer in time, as one text; undefined when nobody can collect them. */
  allMetrics(): Promise<string | undefined>;
}
