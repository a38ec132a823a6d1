import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { plainAddress, type AddressPolicy } from '../../domain/address-policy.ts';
import { ConnectorError } from '../../domain/connector.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { printable } from '../../domain/printable.ts';
import type { RedisNode } from '../../domain/store-address.ts';
import type { IpAddress, ResolveName } from './ip-address.ts';
import type { Admission, TargetPlaces } from './target-places.ts';

interface GuardOptions {
  readonly policy: AddressPolicy;
  readonly resolve: ResolveName;
  /** The ports that this daemon listens on, so that it never connects to itself. */
  readonly ownPorts?: () => readonly number[];
  /** Where the store listens, so that no caller reaches it through a connector. */
  readonly storeNodes?: () => readonly RedisNode[];
  /** Without it, any number of connections may go to one address. */
  readonly places?: TargetPlaces;
}

/**
 * Decides which addresses connectors may connect to. A name is resolved once, and the connection uses only the addresses
 * checked then: a second lookup could return another address (DNS rebinding).
 */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** The allowed addresses of `host` (a name, or an IP address without brackets), at least one. */
  async addressesOf(host: string, port: number): Promise<readonly IpAddress[]> {
    const family = isIP(host);
    const all = family === 0 ? await this.#resolveName(host) : [{ address: host, family }];
    const store = await this.#storeAddresses(port);
    const reasons = all.map(({ address }) => this.#whyRefused(address, port, store));
    const allowed = all.filter((_, i) => reasons[i] === undefined);
    // When only some addresses are refused, the connection goes to the others.
    if (allowed.length === 0)
      throw new ConnectorError(
        'refused',
        `${shown(host)} ${family === 0 ? `(${all[0]?.address}) ` : ''}${reasons[0]}`,
      );
    return allowed;
  }

  /** The allowed addresses of `host`, and a place at each. Throws a ConnectorError. */
  async admit(host: string, port: number): Promise<Admission> {
    const addresses = await this.addressesOf(host, port);
    return this.#options.places?.take(addresses, port) ?? { addresses, release: () => undefined };
  }

  async #resolveName(host: string): Promise<readonly IpAddress[]> {
    let all: readonly IpAddress[];
    try {
      all = await this.#options.resolve(host);
    } catch (cause) {
      throw new ConnectorError('unreachable', `the name ${shown(host)} cannot be resolved`, { cause });
    }
    if (all.length === 0) throw new ConnectorError('unreachable', `the name ${shown(host)} has no address`);
    return all;
  }

  /** The addresses of the store at `port`: what a caller sends there could be commands of Redis. */
  async #storeAddresses(port: number): Promise<readonly string[]> {
    const nodes = this.#options.storeNodes?.().filter((node) => node.port === port) ?? [];
    const all = await Promise.all(
      nodes.map(async ({ host }) =>
        isIP(host) === 0 ? this.#resolveName(host).catch(() => []) : [{ address: host }],
      ),
    );
    return all.flat().map(({ address }) => address);
  }

  #whyRefused(address: string, port: number, store: readonly string[]): string | undefined {
    const { policy, ownPorts } = this.#options;
    const refused = policy.whyRefused(address);
    if (refused !== undefined) return refused;
    if (ownPorts?.().includes(port) && isOfThisMachine(address)) return 'is this daemon itself at that port';
    return store.some((each) => isSameHost(each, address)) ? "is this daemon's own store" : undefined;
  }
}

/** All addresses of this machine are one host: a store on it answers at each of them. */
function isSameHost(a: string, b: string): boolean {
  return plainAddress(a) === plainAddress(b) || (isOfThisMachine(a) && isOfThisMachine(b));
}

function isOfThisMachine(address: string): boolean {
  const plain = plainAddress(address);
  if (isLoopback(plain)) return true;
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((one) => plainAddress(one.address) === plain),
  );
}

/** A host from a registration, quoted and cut to one short line. */
function shown(host: string): string {
  return printable(JSON.stringify(host.length > 80 ? `${host.slice(0, 80)}…` : host));
}
