/**
 * Which replica holds which connector. Kept beside the store, so that all replicas see the same; both adapters pass
 * `test/contract/claims.ts`.
 *
 * - **Exclusive.** An id is held by at most one holder, by the store's own clock, at any time.
 * - **Bounded.** Every call answers or throws as those of a `Store` do. A claim that was sent and not answered may hold:
 *   until its holder knows, it must not act on it; the claim runs out by itself.
 */
export interface Claims {
  /**
   * In one round trip: gives `holder` each of `ids` that is free, and renews those it holds, all until `ttl` ms from now.
   * Resolves to all claims as they are then, also those of others.
   */
  claim(holder: string, ids: readonly string[], ttl: number): Promise<ClaimTable>;
  /** Releases those of `ids` that `holder` holds. */
  release(holder: string, ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** By id. */
export type ClaimTable = ReadonlyMap<string, Claim>;

export interface Claim {
  readonly holder: string;
  /** Milliseconds until it runs out, unless it is renewed: never more than the `ttl` of the call that found it. */
  readonly left: number;
}
