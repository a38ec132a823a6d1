import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 address that one client may choose from: a network of its own is the least that anyone gets. */
const NETWORK = 64;

/** Whom an address belongs to, as limits count it: an IPv4 address, or the IPv6 network around one. */
export function clientGroup(address: string): string {
  // Nearly all: the library takes a tenth of the time of a small request.
  if (isIPv4(address)) return address;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const parts = (parsed as ipaddr.IPv6).parts.slice(0, NETWORK / 16);
  return `${parts.map((part) => part.toString(16)).join(':')}::/${NETWORK}`;
}
