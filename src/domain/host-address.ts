import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** The IP address or host name in `address`, without brackets and in ASCII; undefined for what is neither, such as a URL or `host:port`. */
export function hostIn(address: string): string | undefined {
  const bare = /^\[.*\]$/.test(address) ? address.slice(1, -1) : address;
  if (isIP(bare) !== 0 && !bare.includes('%')) return bare;
  // Checked before and after: domainToASCII silently cuts off what follows a slash.
  const name = /^[\p{L}\p{M}\p{N}._-]+$/u.test(address) ? domainToASCII(address) : '';
  return /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/.test(name) ? name : undefined;
}
