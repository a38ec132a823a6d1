import type { PeerRequest } from '../domain/connector.ts';
import type { Cursor } from '../domain/cursor.ts';
import { invalid } from '../domain/errors.ts';
import type { TileWrite } from '../domain/publishing.ts';
import type { Registration } from '../domain/registration.ts';
import type { Publisher } from './publisher.ts';
import type { Registry } from './registry.ts';

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
        // Its connector leads to the address of this entry: under another id it would speak for somebody else.
        if (wanted.id !== undefined && wanted.id !== id)
          throw invalid('body', '/id', 'is not the id of this connection');
        return this.#registry.register({ ...wanted, id }, 'take');
      }
      case 'tiles': {
        const { tiles, generation } = this.#bodies.tiles(body);
        return this.#publisher.patch(id, new Map(Object.entries(tiles)), generation);
      }
      case 'lease': {
        const { cursor, generation } = this.#bodies.lease(body);
        return this.#registry.renew(id, generation, cursor as Cursor | undefined);
      }
      case 'leave':
        return this.#registry.leave(id, this.#bodies.leave(body).generation);
    }
  }
}
