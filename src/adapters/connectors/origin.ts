import { isIP } from 'node:net';
import { ConnectorError, type Target } from '../../domain/connector.ts';
import { hostIn } from '../../domain/host-address.ts';

/**
 * The origin of a target, such as `http://[::1]:5000`. The address must be a bare host: otherwise it could smuggle a path,
 * credentials or another port into the URL.
 */
export function originOf(target: Target): string {
  const host = hostOf(target.address);
  const defaults = target.protocol === 'https' || target.protocol === 'wss' ? 443 : 80;
  return `${target.protocol}://${isIP(host) === 6 ? `[${host}]` : host}:${target.port ?? defaults}`;
}

/** The IP address or host name, without brackets and in ASCII. */
export function hostOf(address: string): string {
  const host = hostIn(address);
  if (host === undefined)
    throw new ConnectorError('refused', 'its address is neither a host name nor an IP address');
  return host;
}
