import type { ConnectorEvents } from '../../domain/connector.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { Publisher } from '../compositors/publisher.ts';
import type { PeerRequests } from './peer-requests.ts';

export interface PeerServices {
  readonly publisher: Publisher;
  readonly requests: PeerRequests;
  readonly peerBus: PeerBus;
}

export interface PeerEventsOptions extends PeerServices {
  readonly log: Logger;
  /** The generation of the compositor's present registration. */
  readonly generationOf: () => string | undefined;
  /** Shows an error in the compositor's health. */
  readonly recordError: (text: string) => void;
}

/** Handles messages that the compositor `id` sends on its connection: tiles, requests, and what all viewers get. */
export function peerEvents(id: string, options: PeerEventsOptions): Omit<ConnectorEvents, 'lost'> {
  const { publisher, requests, peerBus, log, generationOf, recordError } = options;
  return {
    tiles: async (writes) => {
      const refused = await publisher.patchEach(id, writes, generationOf());
      const [first] = refused;
      if (first) recordError(`${refused.length} tiles refused, such as ${first.field}: ${first.detail}`);
      return refused.length;
    },
    request: (request) => requests.answer(id, request),
    relay: (message) => {
      try {
        peerBus.publish('relay', { compositor: id, message });
      } catch (error) {
        log.warn({ err: error, compositor: id }, 'cannot pass on a message of a compositor');
      }
    },
  };
}
