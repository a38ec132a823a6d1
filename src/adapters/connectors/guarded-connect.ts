import { buildConnector } from 'undici';
import type { ConnectorError } from '../../domain/connector.ts';
import type { Guard } from './guard.ts';

/** Milliseconds. The signal of the request ends earlier; this limit ends an attempt that nobody waits for any more. */
const CONNECT_TIMEOUT = 10_000;

/** Opens undici's connections to checked addresses only. TLS verifies the certificate for the registered name. */
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
      // A cache of TLS sessions would be useless: it lives only as long as this one connection.
      maxCachedSessions: 0,
      ...(ca !== undefined && { ca }),
    });
    connect({ ...options, hostname: host }, callback);
  };
}
