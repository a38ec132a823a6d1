import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Endpoint } from './connection-status.ts';

/** Where a libp2p peer listens for TCP, and its peer id. */
export interface PeerAddress {
  /** An IP address or a host name. */
  readonly host: string;
  /** Only addresses of this family; 0 for either. */
  readonly family: 0 | 4 | 6;
  readonly port: number;
  /** Absent: any peer that answers there. */
  readonly peer?: string;
}

const SHAPE =
  /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/([1-9][0-9]{0,4})(?:\/p2p\/([1Q][1-9A-HJ-NP-Za-km-z]{10,127}))?$/;
const FAMILY = { ip4: 4, ip6: 6, dns: 0, dns4: 4, dns6: 6 } as const;

/**
 * Parses `/ip4/10.0.0.7/tcp/5000` or `/dns4/wall.local/tcp/5000/p2p/12D3K...`; undefined for anything else. Relays, `dnsaddr` and
 * other transports are left out on purpose: they lead to addresses that were not checked.
 */
export function parseMultiaddr(text: string): PeerAddress | undefined {
  const [, kind, host, digits, peer] = SHAPE.exec(text) ?? [];
  const port = Number(digits);
  if (kind === undefined || host === undefined || port > 65535) return undefined;
  const good =
    kind === 'ip4' ? isIPv4(host) : kind === 'ip6' ? isIPv6(host) && !host.includes('%') : isIP(host) === 0;
  if (!good) return undefined;
  return { host, family: FAMILY[kind as keyof typeof FAMILY], port, ...(peer !== undefined && { peer }) };
}

/** The multiaddr of an IP address and a port. */
export function multiaddrOf(ip: string, port: number): string {
  return `/${isIPv6(ip) ? 'ip6' : 'ip4'}/${ip}/tcp/${port}`;
}

/** What is wrong with an address for its protocol, in words that follow the name of the field; undefined: nothing. */
export function addressProblem({ protocol, address }: Endpoint): string | undefined {
  if (address !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(address))
    return 'must be a host name or an IP address alone: what else is in a URL goes into protocol and port';
  if (protocol !== 'libp2p' || address === undefined || parseMultiaddr(address)) return undefined;
  return 'must be a multiaddr such as /ip4/10.0.0.7/tcp/5000 where the protocol is libp2p';
}
