import type { Problem } from '../../src/client/client.ts';

/** How the subscription to the map is. */
export interface LiveState {
  readonly state: string;
  readonly revision: number;
  /** Milliseconds from the last change's commit to its display; undefined before the first change on this connection. */
  readonly delay: number | undefined;
  /** What went wrong last, while there is no connection. */
  readonly problem: Problem | undefined;
  /** When the next connection is tried, in ms since 1970; undefined while there is one. */
  readonly nextAttempt: number | undefined;
}
