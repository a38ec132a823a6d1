/** The only way in which anything learns the time or waits for it. */
export interface Clock {
  /** Milliseconds since 1970. May jump. */
  now(): number;
  /** Milliseconds since some start. Never jumps, never goes back. */
  monotonic(): number;
  /** Calls `run` in one of the next turns of the event loop, after what has already arrived. */
  soon(run: () => void): void;
  /** Calls `run` once after `ms`; returns what cancels it. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}
