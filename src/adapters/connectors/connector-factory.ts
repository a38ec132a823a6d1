import type { Clock } from '../../domain/clock.ts';
import type { Protocol } from '../../domain/compositor.ts';
import {
  type Connector,
  type ConnectorEvents,
  type MakeConnector,
  type Target,
} from '../../domain/connector.ts';
import type { Guard } from './guard.ts';
import { HttpConnector } from './http-connector.ts';
import { LateConnector } from './late-connector.ts';
import type { ConnectorLog, CountViolation } from './protocol-violation.ts';
import { WsConnector } from './ws-connector.ts';

/** What connectors are made with, beside their target. */
export interface ConnectorParts {
  readonly guard: Guard;
  readonly clock: Clock;
  /** What peers do that is not as it should be, of all of them together. */
  readonly count: CountViolation;
  readonly log: ConnectorLog;
  /** What a peer is told of what its request threw. */
  readonly problemOf: (error: unknown) => object;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string;
}

type Factory = (target: Target, events: ConnectorEvents, parts: ConnectorParts) => Connector;

const http: Factory = (target, _, parts) => new HttpConnector({ ...parts, target });
const ws: Factory = (target, events, parts) => new WsConnector({ ...parts, target, events });
const libp2p: Factory = (target, events, parts) =>
  new LateConnector(async () => {
    const { Libp2pConnector } = await import('./libp2p/libp2p-connector.ts');
    return new Libp2pConnector({ ...parts, target, events });
  });

const FACTORIES: Readonly<Record<Protocol, Factory>> = { http, https: http, ws, wss: ws, libp2p };

export function connectorFactory(parts: ConnectorParts): MakeConnector {
  return (target, events) => FACTORIES[target.protocol](target, events, parts);
}
