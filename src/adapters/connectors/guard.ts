import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { plainAddress, type AddressPolicy } from '../../domain/address-policy.ts';
import { ConnectorError } from '../../domain/connector.ts';
import { isLoopback } from '../../domain/loopback.ts';
import type { IpAddress, ResolveName } from './resolver.ts';

interface GuardOptions {
  readonly policy: AddressPolicy;
  readonly resolve: ResolveName;
  /** The ports that this daemon listens on, so that it never connects to itself. */
  readonly ownPorts?: () => readonly number[];
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
    if (family !== 0) {
      this.checkLiteral(host, port);
      return [{ address: host, family }];
    }
    const all = await this.#resolveName(host);
    const reasons = all.map(({ address }) => this.#whyRefused(address, port));
    const allowed = all.filter((_, i) => reasons[i] === undefined);
    // When only some addresses are refused, the connection goes to the others.
    if (allowed.length === 0)
      throw new ConnectorError('refused', `${shown(host)} (${all[0]?.address}) ${reasons[0]}`);
    return allowed;
  }

  /** Throws when `host` is an IP address that is refused. `net.connect` does no lookup for one, so it must be checked apart. */
  checkLiteral(host: string, port: number): void {
    const reason = isIP(host) === 0 ? undefined : this.#whyRefused(host, port);
    if (reason !== undefined) throw new ConnectorError('refused', `${shown(host)} ${reason}`);
  }

  /** The lookup function for `net.connect`, so that it connects only to addresses checked here. */
  lookupFor(port: number): LookupFunction {
    return (host, options, done) => {
      this.addressesOf(host, port).then(
        (addresses) => {
          const wanted = addresses.filter(({ family }) => !options.family || family === options.family);
          const [first] = wanted;
          if (!first) done(new ConnectorError('unreachable', `${shown(host)} has no such address`), []);
          else if (options.all) done(null, [...wanted]);
          else done(null, first.address, first.family);
        },
        (error: unknown) => done(error as Error, []),
      );
    };
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

  #whyRefused(address: string, port: number): string | undefined {
    const { policy, ownPorts } = this.#options;
    const isItself = () => ownPorts?.().includes(port) && isOfThisMachine(address);
    return policy.whyRefused(address) ?? (isItself() ? 'is this daemon itself at that port' : undefined);
  }
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
  return JSON.stringify(host.length > 80 ? `${host.slice(0, 80)}…` : host);
}
