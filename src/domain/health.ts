/** What is known of a compositor through its connector. */
export interface Health {
  /** `none`: it has no connector. `connecting`: there is no verdict yet. */
  readonly state: HealthState;
  /** RFC 3339: since when the state is so, as far as this connector has seen. */
  readonly changedAt?: string;
  /** RFC 3339: when it was last looked at. */
  readonly checkedAt?: string;
  /** Milliseconds that the last good answer took. */
  readonly latencyMs?: number;
  /** Failed probes in a row. */
  readonly failures: number;
  /** One line: what went wrong last; it may be over. */
  readonly lastError?: string;
  /** RFC 3339. */
  readonly lastErrorAt?: string;
  /** The replica whose connector this is. */
  readonly holder?: string;
}

export type HealthState = 'none' | 'connecting' | 'connected' | 'disconnected';
export const HEALTH_STATES: readonly HealthState[] = ['none', 'connecting', 'connected', 'disconnected'];
