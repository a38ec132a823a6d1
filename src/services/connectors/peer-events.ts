import type { ConnectorEvents } from '../../domain/connector.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { PeerRequests } from './peer-requests.ts';
import type { Publisher } from '../compositors/publisher.ts';

/** Where it goes. */
export interface PeerServices {
  readonly publisher: Publisher;
  readonly requests: PeerRequests;
  readonly peerBus: PeerBus;
}

export interface PeerEventsOptions extends PeerServices {
  readonly log: Logger;
  /** Of the registration that a compositor has now. */
  readonly generationOf: (id: string) => string | undefined;
  /** The compositor did something that it may not. */
  readonly remark: (id: string, text: string) => void;
}

/** What comes of that which `id` sends over its connector: commits, answers, and messages for whoever listens. */
export function peerEvents(id: string, options: PeerEventsOptions): Omit<ConnectorEvents, 'lost'> {
  const { publisher, requests, peerBus, log, generationOf, remark } = options;
  return {
    tiles: async (writes) => {
      const refused = await publisher.patchEach(id, writes, generationOf(id));
      const [first] = refused;
      if (first) remark(id, `${refused.length} tiles refused, such as ${first.field}: ${first.detail}`);
      return refused.length;
    },
    request: (request) => requests.answer(id, request),
    relay: (message) => {
      try {
        peerBus.publish('relay', { compositor: id, message });
      } catch (error) {
        log.warn({ err: error, compositor: id }, 'a message of a compositor cannot be passed on');
      }
    },
  };
}
