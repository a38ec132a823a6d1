import { buildConnector } from 'undici';
import type { ConnectorError } from '../../domain/connector.ts';
import type { Guard } from './guard.ts';

/** Milliseconds after which an attempt ends that nobody waits for any more. */
const CONNECT_TIMEOUT = 10_000;

/** How undici opens a connection under the guard. TLS names and verifies the host as registered, whatever address it has. */
export function guardedConnect(guard: Guard, ca?: string): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
    try {
      guard.checkLiteral(host, port);
    } catch (error) {
      callback(error as ConnectorError, null);
      return;
    }
    const connect = buildConnector({
      timeout: CONNECT_TIMEOUT,
      lookup: guard.lookupFor(port),
      // Sessions of TLS would be kept beyond the connection, and this function lives for one.
      maxCachedSessions: 0,
      ...(ca !== undefined && { ca }),
    });
    connect({ ...options, hostname: host }, callback);
  };
}
