import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { plainAddress, type AddressPolicy } from '../../domain/address-policy.ts';
import { ConnectorError } from '../../domain/connector.ts';
import { isLoopback } from '../../domain/loopback.ts';
import type { IpAddress, ResolveName } from './resolver.ts';

/**
 * Decides where connectors may go. A name is resolved once, and what comes of it is all that the connection may
 * use: were the name asked for again, it could by then name another address (DNS rebinding).
 */
export class Guard {
  readonly #policy: AddressPolicy;
  readonly #resolve: ResolveName;
  readonly #ownPorts: () => readonly number[];

  /** @param options.ownPorts where this daemon listens: a compositor there would be the daemon itself, which talks to itself. */
  constructor(options: { policy: AddressPolicy; resolve: ResolveName; ownPorts?: () => readonly number[] }) {
    this.#policy = options.policy;
    this.#resolve = options.resolve;
    this.#ownPorts = options.ownPorts ?? (() => []);
  }

  /** The addresses of `host` (a name, or an IP address without brackets) that may be connected to, at least one. */
  async addressesOf(host: string, port: number): Promise<readonly IpAddress[]> {
    const family = isIP(host);
    if (family !== 0) {
      this.checkLiteral(host, port);
      return [{ address: host, family }];
    }
    const all = await this.#ask(host);
    const refusals = all.map(({ address }) => this.#refusalOf(address, port));
    const fine = all.filter((_, i) => refusals[i] === undefined);
    // One refused address among others is no reason: the connection goes to the others alone.
    if (fine.length === 0)
      throw new ConnectorError('refused', `${shown(host)} (${all[0]?.address}) ${refusals[0]}`);
    return fine;
  }

  /** Throws when `host` is an IP address that may not be connected to; `net.connect` asks nobody about one. */
  checkLiteral(host: string, port: number): void {
    const refusal = isIP(host) === 0 ? undefined : this.#refusalOf(host, port);
    if (refusal !== undefined) throw new ConnectorError('refused', `${shown(host)} ${refusal}`);
  }

  /** For `net.connect` to a name: it then connects to nothing but the addresses it was given here. */
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

  async #ask(host: string): Promise<readonly IpAddress[]> {
    let all: readonly IpAddress[];
    try {
      all = await this.#resolve(host);
    } catch (cause) {
      throw new ConnectorError('unreachable', `the name ${shown(host)} cannot be resolved`, { cause });
    }
    if (all.length === 0) throw new ConnectorError('unreachable', `the name ${shown(host)} has no address`);
    return all;
  }

  #refusalOf(address: string, port: number): string | undefined {
    const refusal = this.#policy.whyRefused(address);
    if (refusal !== undefined) return refusal;
    return this.#ownPorts().includes(port) && isOfThisMachine(address)
      ? 'is this daemon itself at that port'
      : undefined;
  }
}

function isOfThisMachine(address: string): boolean {
  const plain = plainAddress(address);
  if (isLoopback(plain)) return true;
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((one) => plainAddress(one.address) === plain),
  );
}

/** What a registration called a host, on one short line. */
function shown(host: string): string {
  return JSON.stringify(host.length > 80 ? `${host.slice(0, 80)}…` : host);
}
