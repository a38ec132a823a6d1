import { sameEndpoint, type Endpoint } from './connection-status.ts';
import type { Target } from './connector.ts';

/** What the daemon shows to one compositor, and where. */
export interface CompositorBearer {
  readonly token: string;
  readonly endpoint: Endpoint;
}

/** The bearer tokens by which the daemon is known to compositors of its configuration, by their ids. */
export class Bearers {
  #byId: ReadonlyMap<string, CompositorBearer>;

  constructor(byId: ReadonlyMap<string, CompositorBearer> = new Map()) {
    this.#byId = byId;
  }

  replace(byId: ReadonlyMap<string, CompositorBearer> = new Map()): void {
    this.#byId = byId;
  }

  /** The header for `target`, if it has one. Never for another endpoint: whoever may change the address of a compositor would get it. */
  headersFor(target: Target): { authorization?: string } {
    const bearer = this.#byId.get(target.id);
    return bearer && sameEndpoint(bearer.endpoint, target) ? { authorization: `Bearer ${bearer.token}` } : {};
  }
}
