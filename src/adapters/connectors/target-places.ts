import type { Clock } from '../../domain/clock.ts';
import { ConnectorError } from '../../domain/connector.ts';
import { plainAddress } from '../../domain/address-policy.ts';
import type { IpAddress } from './ip-address.ts';

/** Addresses that may be connected to, and a place at each. */
export interface Admission {
  readonly addresses: readonly IpAddress[];
  /** Called once the connection has ended, or was not opened. */
  readonly release: () => void;
}

/**
 * Limits how many connections go to one address and port at a time, under whatever names: thousands of registrations of a
 * stranger's address would turn the daemon into a flood. A place is held for `atLeast` ms, so that connections that end at
 * once are limited as well.
 */
export class TargetPlaces {
  readonly #options: { readonly clock: Clock; readonly max: number; readonly atLeast: number };
  readonly #taken = new Map<string, number>();

  constructor(options: { clock: Clock; max: number; atLeast: number }) {
    this.#options = options;
  }

  /** A place at each of `addresses` that has one. Throws when none has. */
  take(addresses: readonly IpAddress[], port: number): Admission {
    const { clock, max, atLeast } = this.#options;
    const keyOf = ({ address }: IpAddress) => `${plainAddress(address)} ${port}`;
    const free = addresses.filter((each) => (this.#taken.get(keyOf(each)) ?? 0) < max);
    if (free.length === 0)
      throw new ConnectorError('refused', `${max} connections go to that address and port already`);
    const keys = free.map(keyOf);
    for (const key of keys) this.#add(key, 1);
    const takenAt = clock.monotonic();
    let released = false;
    return {
      addresses: free,
      release: () => {
        if (released) return;
        released = true;
        const left = takenAt + atLeast - clock.monotonic();
        const give = () => keys.forEach((key) => this.#add(key, -1));
        if (left > 0) clock.after(left, give);
        else give();
      },
    };
  }

  #add(key: string, change: number): void {
    const count = (this.#taken.get(key) ?? 0) + change;
    if (count > 0) this.#taken.set(key, count);
    else this.#taken.delete(key);
  }
}
