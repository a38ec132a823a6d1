import type { A2aRouter, Bounds } from './a2a-router.ts';

/** `webmcp_bridge.js`, its three tools for regions: each sends one message to the router, and hands on what it needs of the answer. */
export class WebMcpBridge {
  readonly #router: A2aRouter;
  readonly #agent: string;

  constructor(router: A2aRouter, agent: string) {
    this.#router = router;
    this.#agent = agent;
  }

  async regionClaim(
    region: Bounds,
    options: { purpose?: string; exclusive?: boolean; timeout?: number } = {},
  ) {
    const { purpose = '', exclusive = true, timeout = 300 } = options;
    const session = { session_id: 'session', agent_id: this.#agent };
    const { success, claim_id, bounds, expires_at, error, conflicting_claim, conflicting_agent } =
      await this.#router.handle({ type: 'claim_region', ...session, region, purpose, exclusive, timeout });
    return {
      success: success !== false,
      claim_id,
      bounds,
      expires_at,
      error,
      conflicting_claim,
      conflicting_agent,
    };
  }

  async regionRelease(claim_id: unknown) {
    const message = { type: 'release_region', session_id: 'session', claim_id };
    const { success, released, error } = await this.#router.handle(message);
    return { success: success !== false, released, error };
  }

  async regionQuery(region: Bounds) {
    const message = { type: 'query_region', session_id: 'session', region };
    const { is_free, claims, claims_count } = await this.#router.handle(message);
    return {
      is_free,
      claims: claims as { claim_id: string; agent_id: string; bounds: Bounds }[],
      claims_count,
    };
  }
}
