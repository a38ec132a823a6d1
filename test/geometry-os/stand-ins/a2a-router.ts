import { send } from '../../support/http-client.ts';

/** As its agents name a rectangle. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Message = Readonly<Record<string, unknown>>;

/** `a2a_router.py`, its messages about regions: what it kept for itself it keeps in the daemon, for whom each agent is a compositor. */
export class A2aRouter {
  readonly #daemon: string;

  constructor(daemon: string) {
    this.#daemon = daemon;
  }

  async handle(message: Message): Promise<Message> {
    switch (message['type']) {
      case 'claim_region':
        return this.#claim(message);
      case 'release_region':
        return this.#release(message);
      case 'query_region':
        return this.#query(message);
      default:
        return { success: false, error: 'unknown_type' };
    }
  }

  async #claim({ agent_id, region, purpose, exclusive, timeout }: Message): Promise<Message> {
    const reservation = {
      compositor: agent_id,
      rect: rectOf(region as Bounds),
      purpose,
      exclusive,
      ttl: timeout,
    };
    const { status, body } = await send('POST', `${this.#daemon}/regions`, reservation);
    if (status === 409) {
      const [first] = body.regions as { id: string; compositor: string }[];
      return {
        success: false,
        error: 'region_conflict',
        conflicting_claim: first?.id,
        conflicting_agent: first?.compositor,
      };
    }
    if (status !== 201) return { success: false, error: body.detail };
    const expires_at = Date.parse(body.lease.expiresAt as string) / 1000;
    return { success: true, claim_id: body.id, bounds: region, purpose, exclusive, expires_at };
  }

  async #release({ claim_id }: Message): Promise<Message> {
    const { status } = await send('DELETE', `${this.#daemon}/regions/${String(claim_id)}`);
    if (status === 404) return { success: false, error: 'claim_not_found' };
    return { success: true, claim_id, released: true, transferred_to: null };
  }

  async #query({ region }: Message): Promise<Message> {
    const { body } = await send('GET', `${this.#daemon}/regions?view=${rectOf(region as Bounds)}`);
    const claims = (
      body.items as { id: string; compositor: string; rect: string; purpose: string; exclusive: boolean }[]
    ).map(({ id, compositor, rect, purpose, exclusive }) => ({
      claim_id: id,
      agent_id: compositor,
      bounds: boundsOf(rect),
      purpose,
      exclusive,
    }));
    return {
      success: true,
      query_region: region,
      is_free: claims.length === 0,
      claims,
      claims_count: claims.length,
    };
  }
}

/** Their width and height count cells; our corners are included. */
function rectOf({ x, y, width, height }: Bounds): string {
  return `${x},${y},${x + width - 1},${y + height - 1}`;
}

function boundsOf(rect: string): Bounds {
  const [x1, y1, x2, y2] = rect.split(',').map(Number) as [number, number, number, number];
  return { x: x1, y: y1, width: x2 - x1 + 1, height: y2 - y1 + 1 };
}
