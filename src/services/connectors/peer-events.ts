import type { Compositor } from '../../domain/compositor.ts';
import type { ConnectorEvents, PeerRequest } from '../../domain/connector.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
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

/** What carries out the messages of compositors. */
export interface PeerServices {
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly bodies: PeerBodies;
  readonly peerBus: PeerBus;
  readonly log: Logger;
}

/**
 * Handles messages that the compositor `id` sends on its connection: tiles, requests, and what all viewers get.
 * `recordError` shows an error in its health.
 */
export function peerEvents(
  id: string,
  services: PeerServices,
  recordError: (text: string) => void,
): Omit<ConnectorEvents, 'lost'> {
  const { registry, publisher, peerBus, log } = services;
  return {
    tiles: async (writes) => {
      const generation = registry.get(id)?.generation;
      const refused = await publisher
        .patchEach(id, writes, { generation, overConnection: true })
        .catch((error: unknown) => {
          if (error instanceof DomainError) recordError(`tiles refused: ${error.message}`);
          throw error;
        });
      const [first] = refused;
      if (first) recordError(`${refused.length} tiles refused, such as ${first.field}: ${first.detail}`);
      return refused.length;
    },
    request: (request) => answer(id, request, services),
    relay: (message) => {
      try {
        peerBus.publish('relay', { compositor: id, message });
      } catch (error) {
        log.warn({ err: error, compositor: id }, 'cannot pass on a message of a compositor');
      }
    },
  };
}

/** Answers a request as the REST API would, for this compositor alone. Throws the DomainErrors of the REST call. */
async function answer(
  id: string,
  { type, body }: PeerRequest,
  { registry, publisher, bodies }: PeerServices,
): Promise<unknown> {
  switch (type) {
    case 'register':
      return registry.register({ ...withEndpoint(bodies.register(body), registry.get(id)), id }, 'take', {
        overConnection: true,
      });
    case 'tiles': {
      const { tiles, generation } = bodies.tiles(body);
      return publisher.patch(id, new Map(Object.entries(tiles)), { generation, overConnection: true });
    }
    case 'lease': {
      const { cursor, generation } = bodies.lease(body);
      return registry.renew(id, generation, cursor as Cursor | undefined);
    }
    case 'leave': {
      const { generation } = bodies.leave(body);
      // A compositor of the configuration stays registered: removed, it would stay away until the configuration is read again.
      return registry.get(id)?.managedBy === undefined
        ? registry.leave(id, { generation, overConnection: true })
        : publisher.put(id, new Map(), undefined, { generation, overConnection: true });
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
