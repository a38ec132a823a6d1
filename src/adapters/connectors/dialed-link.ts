import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ConnectorEvents, Connector, DialedLink, LinkEnd } from '../../domain/connector.ts';
import type { ConnectorParts } from './connector-parts.ts';
import { PeerConnector } from './peer-connector.ts';
import { WsLink } from './ws-link.ts';

export type DialedLinkParts = Pick<ConnectorParts, 'clock' | 'count' | 'log' | 'problemOf' | 'relay'>;

/** A WebSocket that a compositor opened: the same session as over one that the daemon opens. */
export class DialedWsLink implements DialedLink {
  readonly #link: WsLink;
  readonly #parts: DialedLinkParts;
  #used = false;

  constructor(socket: WebSocket, raw: Socket, parts: DialedLinkParts) {
    this.#link = WsLink.over(socket, raw, parts.clock);
    this.#parts = parts;
  }

  connector(id: string, events: ConnectorEvents): Connector {
    this.#used = true;
    return new PeerConnector({ ...this.#parts, target: { id }, events, open: async () => this.#link });
  }

  end(end: LinkEnd): void {
    this.#link.endWith(end);
    if (!this.#used) void this.#link.close();
  }
}
