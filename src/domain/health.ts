/** How a compositor is, as its connection sees it. */
export interface Health {
  /** `none`: the daemon keeps no connection to it. `connecting`: too few probes have finished. */
  readonly state: HealthState;
  /** RFC 3339: when this connection saw the state change last. */
  readonly changedAt?: string;
  /** RFC 3339: when the last probe finished. */
  readonly checkedAt?: string;
  /** Milliseconds that the last successful probe took. */
  readonly latencyMs?: number;
  /** Failed probes in a row. */
  readonly failures: number;
  /** One line: the last error, which may be over. */
  readonly lastError?: string;
  /** RFC 3339. */
  readonly lastErrorAt?: string;
  /** The replica that holds the connection. */
  readonly holder?: string;
}

export type HealthState = 'none' | 'connecting' | 'connected' | 'disconnected';
export const HEALTH_STATES: readonly HealthState[] = ['none', 'connecting', 'connected', 'disconnected'];
