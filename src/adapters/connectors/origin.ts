import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { ConnectorError, type Target } from '../../domain/connector.ts';

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
  const bare = /^\[.*\]$/.test(address) ? address.slice(1, -1) : address;
  if (isIP(bare) !== 0 && !bare.includes('%')) return bare;
  // Checked before and after: domainToASCII silently cuts off what follows a slash.
  const name = /^[\p{L}\p{M}\p{N}._-]+$/u.test(address) ? domainToASCII(address) : '';
  if (!/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/.test(name))
    throw new ConnectorError('refused', 'its address is neither a host name nor an IP address');
  return name;
}
