import {
  ConnectorError,
  type Connector,
  type ConnectorEvents,
  type DialedLink,
} from '../../domain/connector.ts';
import type { Writer } from '../../domain/holder.ts';

/** A link that a compositor opened to this replica. */
export interface Link {
  readonly dialed: DialedLink;
  /** For whom it writes. */
  readonly writer: Writer;
}

/** Makes the connectors of one connection: the first over `link`, if there is one. Nobody but the compositor can open it again. */
export function linkConnectors(id: string, link: Link | undefined): (events: ConnectorEvents) => Connector {
  let unused = link;
  return (events) => {
    const made = unused?.dialed.connector(id, events) ?? notDialedIn;
    unused = undefined;
    return made;
  };
}

const missing = async (): Promise<never> => {
  throw new ConnectorError('unreachable', 'it has not dialed in');
};

const notDialedIn: Connector = {
  connect: missing,
  probe: missing,
  send: missing,
  close: async () => undefined,
};
