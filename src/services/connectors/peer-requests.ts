import type { Compositor } from '../../domain/compositor.ts';
import type { PeerRequest } from '../../domain/connector.ts';
import type { Cursor } from '../../domain/cursor.ts';
import type { TileWrite } from '../../domain/publishing.ts';
import type { Registration } from '../../domain/registration.ts';
import type { Publisher } from '../compositors/publisher.ts';
import type { Registry } from '../compositors/registry.ts';

type Body = Readonly<Record<string, unknown>>;

/** What the messages of a peer must look like. Each throws `invalid-request` or `too-large`, as for a request by HTTP. */
export interface PeerBodies {
  register(body: Body): Registration;
  tiles(body: Body): { tiles: Readonly<Record<string, TileWrite | null>>; generation?: string };
  lease(body: Body): { cursor?: string; generation?: string };
  leave(body: Body): { generation?: string };
}

/** Answers what a compositor asks over its connector as the REST API does, for itself alone. */
export class PeerRequests {
  readonly #registry: Registry;
  readonly #publisher: Publisher;
  readonly #bodies: PeerBodies;

  constructor(options: { registry: Registry; publisher: Publisher; bodies: PeerBodies }) {
    this.#registry = options.registry;
    this.#publisher = options.publisher;
    this.#bodies = options.bodies;
  }

  /** `id`: whose connector it is. Throws the DomainErrors of the REST call. */
  async answer(id: string, { type, body }: PeerRequest): Promise<unknown> {
    switch (type) {
      case 'register': {
        const wanted = this.#bodies.register(body);
        return this.#registry.register({ ...placed(wanted, this.#registry.get(id)), id }, 'take');
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
        // Who is listed would be gone until the configuration is read again, with nobody to connect to it.
        return this.#registry.get(id)?.managedBy === undefined
          ? this.#registry.leave(id, generation)
          : this.#publisher.put(id, new Map(), undefined, generation);
      }
    }
  }
}

/** Who says nothing of where it listens is where its link leads to: an entry without a place would end the link. */
function placed(wanted: Registration, { protocol, address, port }: Partial<Compositor> = {}): Registration {
  if ([wanted.protocol, wanted.address, wanted.port].some((each) => each !== undefined)) return wanted;
  return {
    ...wanted,
    ...(protocol !== undefined && { protocol }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
  };
}
