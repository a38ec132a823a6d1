import { lookup } from 'node:dns/promises';
import type { Clock } from '../../domain/clock.ts';

export interface IpAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly IpAddress[]>;

/** Names that are remembered as slow. */
const MAX_SLOW = 1000;
/** Milliseconds. */
const SLOW = 500;

/**
 * The system's resolver: it alone knows /etc/hosts and the search domains of containers. But it holds one of the
 * process's four threads for as long as a name server is silent, and the embedded store needs them too. So few names are asked for
 * at a time, and those that were slow or failed the last time stand in a line of their own, or one bad name would
 * delay all others.
 */
export class Resolver {
  readonly #clock: Clock;
  readonly #ask: ResolveName;
  readonly #quick = new Lane(2);
  readonly #slow = new Lane(1);
  readonly #slowNames = new Set<string>();

  constructor(options: { clock: Clock; ask?: ResolveName }) {
    this.#clock = options.clock;
    this.#ask = options.ask ?? ((name) => lookup(name, { all: true }));
  }

  readonly resolve: ResolveName = async (name) => {
    const lane = this.#slowNames.has(name) ? this.#slow : this.#quick;
    await lane.enter();
    const asked = this.#clock.monotonic();
    let quick = false;
    try {
      const addresses = await this.#ask(name);
      quick = this.#clock.monotonic() - asked < SLOW;
      return addresses;
    } finally {
      lane.leave();
      this.#slowNames.delete(name);
      if (!quick) this.#remember(name);
    }
  };

  #remember(name: string): void {
    this.#slowNames.add(name);
    if (this.#slowNames.size <= MAX_SLOW) return;
    for (const oldest of this.#slowNames) {
      this.#slowNames.delete(oldest);
      return;
    }
  }
}

class Lane {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
