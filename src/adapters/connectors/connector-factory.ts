import type { MakeConnector } from '../../domain/connector.ts';
import type { ConnectorParts } from './connector-parts.ts';
import { HttpConnector } from './http-connector.ts';
import { Libp2pLink } from './libp2p/libp2p-link.ts';
import { PeerConnector } from './peer-connector.ts';
import { WsLink } from './ws-link.ts';

export function connectorFactory(parts: ConnectorParts): MakeConnector {
  return (target, events) => {
    const { protocol } = target;
    if (protocol === 'http' || protocol === 'https') return new HttpConnector({ ...parts, target });
    const Link = protocol === 'libp2p' ? Libp2pLink : WsLink;
    const open = (signal: AbortSignal) => Link.open(target, parts, signal);
    return new PeerConnector({ ...parts, target, events, open });
  };
}
