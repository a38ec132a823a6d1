import ipaddr from 'ipaddr.js';
import { isLoopback } from './loopback.ts';

type Ip = ipaddr.IPv4 | ipaddr.IPv6;
type Class = 'loopback' | 'private' | 'public' | 'special' | 'forbidden';

/** The kinds of addresses that a rule may name; every other rule is a CIDR. */
export const ADDRESS_CLASSES = ['loopback', 'private', 'public'] as const;

/**
 * Metadata services of clouds outside the link-local ranges. They hand out the credentials of the machine, and a client
 * that may register a compositor could read them through the proxy.
 */
const METADATA = new Set(
  ['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254', 'fd00:42::42'].map(
    (address) => ipaddr.parse(address).toString(),
  ),
);

/** Never allowed, whatever the rules say. */
const NEVER = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal']);
const PRIVATE = new Set(['private', 'carrierGradeNat', 'uniqueLocal']);
/** The only part of IPv6 that is assigned to the public internet. */
const GLOBAL = ipaddr.parseCIDR('2000::/3');
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');

/** Which addresses a connector may go to (`connect.allow`): classes and CIDRs. */
export class AddressPolicy {
  readonly #classes: ReadonlySet<string>;
  readonly #networks: readonly [Ip, number][];

  /** @param rules each an {@link isAddressRule}. */
  constructor(rules: readonly string[]) {
    this.#classes = new Set(rules);
    this.#networks = rules.filter((rule) => !isClass(rule)).map(networkOf);
  }

  /** Why the policy refuses `address`, an IP address; undefined when it allows it. */
  whyRefused(address: string): string | undefined {
    if (!ipaddr.isValid(address)) return 'is not an IP address';
    const ip = embeddedIpv4(ipaddr.parse(address));
    const kind = classOf(ip);
    if (kind === 'forbidden') return 'is never allowed';
    if (this.#classes.has(kind)) return undefined;
    const named = this.#networks.some((network) => network[0].kind() === ip.kind() && ip.match(network));
    if (named) return undefined;
    const what = kind === 'special' ? 'neither loopback, private nor public' : kind;
    return `is ${what}, and connect.allow does not name it`;
  }
}

/** `loopback`, `private`, `public`, `10.0.0.0/8`, `fd00::/8` or a single address. */
export function isAddressRule(text: string): boolean {
  if (isClass(text)) return true;
  const [address = '', bits, more] = text.split('/');
  if (more !== undefined || text.includes('%')) return false;
  // The library also reads 127.1 and 0x7f.0.0.1, which are more likely typing errors.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return false;
  return bits === undefined || (/^(?:0|[1-9][0-9]{0,2})$/.test(bits) && ipaddr.isValidCIDR(text));
}

/** The default rules: the internet, and this machine if the daemon listens on loopback only. */
export function defaultAddressRules(listenHost: string): string[] {
  return isLoopback(listenHost) ? ['public', 'loopback'] : ['public'];
}

/** One spelling for each address: `::ffff:127.0.0.1` becomes `127.0.0.1`. Text that is not an address stays as it is. */
export function plainAddress(address: string): string {
  return ipaddr.isValid(address) ? embeddedIpv4(ipaddr.parse(address)).toString() : address;
}

function isClass(rule: string): boolean {
  return (ADDRESS_CLASSES as readonly string[]).includes(rule);
}

function networkOf(rule: string): [Ip, number] {
  if (rule.includes('/')) return ipaddr.parseCIDR(rule);
  const ip = ipaddr.parse(rule);
  return [ip, ip.kind() === 'ipv4' ? 32 : 128];
}

function classOf(ip: Ip): Class {
  const range: string = ip.range();
  if (NEVER.has(range) || METADATA.has(ip.toString())) return 'forbidden';
  if (range === 'loopback') return 'loopback';
  if (PRIVATE.has(range)) return 'private';
  if (range !== 'unicast') return 'special';
  return ip.kind() === 'ipv4' || ip.match(GLOBAL) ? 'public' : 'special';
}

/** The IPv4 address behind a mapped, translated (NAT64) or tunnelled (6to4) IPv6 address; else the address itself. */
function embeddedIpv4(ip: Ip): Ip {
  if (ip.kind() === 'ipv4') return ip;
  const v6 = ip as ipaddr.IPv6;
  const range: string = v6.range();
  const bytes = v6.toByteArray();
  if (range === 'ipv4Mapped' || range === 'rfc6145' || v6.match(NAT64))
    return new ipaddr.IPv4(bytes.slice(12));
  if (range === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  // Without the zone: `fe80::1%eth0` is the same host as `fe80::1`.
  return new ipaddr.IPv6(v6.parts);
}
