import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { ConnectorError, type Target } from '../../domain/connector.ts';

/**
 * The origin of a target, such as `http://[::1]:5000`. An address is put into URLs: one that is no bare host would
 * smuggle in a path, credentials or another port.
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
  // Looked at before and after: what is behind a slash is cut off by domainToASCII without a word.
  const name = /^[\p{L}\p{M}\p{N}._-]+$/u.test(address) ? domainToASCII(address) : '';
  if (!/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/.test(name))
    throw new ConnectorError('refused', 'its address is neither a host name nor an IP address');
  return name;
}
