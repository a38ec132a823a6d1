import type { Compositor } from '../../domain/compositor.ts';
import type { PeerRequest } from '../../domain/connector.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { TileWrite } from '../../domain/publishing.ts';
import type { Registration } from '../../domain/registration.ts';
import type { Publisher } from '../compositors/publisher.ts';
import type { Registry } from '../compositors/registry.ts';

type Body = Readonly<Record<string, unknown>>;

/** Checks the bodies of a peer's messages. Each throws `invalid-request` or `too-large`, as for a request over HTTP. */
export interface PeerBodies {
  register(body: Body): Registration;
  tiles(body: Body): { tiles: Readonly<Record<string, TileWrite | null>>; generation?: string };
  lease(body: Body): { cursor?: string; generation?: string };
  leave(body: Body): { generation?: string };
}

/** Answers requests that a compositor sends on its connection as the REST API would, for this compositor alone. */
export class PeerRequests {
  readonly #registry: Registry;
  readonly #publisher: Publisher;
  readonly #bodies: PeerBodies;

  constructor(options: { registry: Registry; publisher: Publisher; bodies: PeerBodies }) {
    this.#registry = options.registry;
    this.#publisher = options.publisher;
    this.#bodies = options.bodies;
  }

  /** `id`: the compositor at the other end of the connection. Throws the DomainErrors of the REST call. */
  async answer(id: string, { type, body }: PeerRequest): Promise<unknown> {
    switch (type) {
      case 'register': {
        const wanted = this.#bodies.register(body);
        return this.#registry.register({ ...withEndpoint(wanted, this.#registry.get(id)), id }, 'take');
      }
      case 'tiles': {
        const { tiles, generation } = this.#bodies.tiles(body);
        return this.#publisher.patch(id, new Map(Object.entries(tiles)), generation);
      }
      case 'lease': {
        const { cursor, generation } = this.#bodies.lease(body);
        return this.#registry.renew(id, generation, cursor as Cursor | undefined);
      }
      case 'leave': {
        const { generation } = this.#bodies.leave(body);
        // A compositor of the configuration stays registered: removed, it would stay away until the configuration is read again.
        return this.#registry.get(id)?.managedBy === undefined
          ? this.#registry.leave(id, generation)
          : this.#publisher.put(id, new Map(), undefined, generation);
      }
    }
  }
}

/** A registration that names no endpoint keeps the present one: an entry without an endpoint would end this connection. */
function withEndpoint(
  wanted: Registration,
  { protocol, address, port }: Partial<Compositor> = {},
): Registration {
  if ([wanted.protocol, wanted.address, wanted.port].some((each) => each !== undefined)) return wanted;
  return {
    ...wanted,
    ...(protocol !== undefined && { protocol }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  };
}
