import { lookup } from 'node:dns/promises';
import type { Clock } from '../../domain/clock.ts';

export interface IpAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly IpAddress[]>;

/** Names of which it is remembered how long their last lookup took. */
const MAX_KNOWN = 10_000;
/** Milliseconds. */
const SLOW = 500;

/**
 * The system's resolver: it alone knows /etc/hosts and the search domains of containers. But it holds one of the
 * process's four threads for as long as a name server is silent, and the embedded store needs them too. So few names are
 * asked for at a time, those that were slow the last time stand in a line of their own, and so do those that nobody asked
 * for yet: one bad name would delay all others.
 */
export class Resolver {
  readonly #clock: Clock;
  readonly #ask: ResolveName;
  readonly #quick = new Lane();
  readonly #slow = new Lane();
  readonly #new = new Lane();
  readonly #lanes = new Map<string, Lane>();
  /** Lookups in line or under way. Who gives up and tries again joins the one there is, or the line would grow without end. */
  readonly #asking = new Map<string, Promise<readonly IpAddress[]>>();

  constructor(options: { clock: Clock; ask?: ResolveName }) {
    this.#clock = options.clock;
    this.#ask = options.ask ?? ((name) => lookup(name, { all: true }));
  }

  readonly resolve: ResolveName = (name) => {
    const before = this.#asking.get(name);
    if (before) return before;
    const asking = this.#askInLine(name).finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  };

  #askInLine(name: string): Promise<readonly IpAddress[]> {
    return (this.#lanes.get(name) ?? this.#new).run(async () => {
      const asked = this.#clock.monotonic();
      try {
        return await this.#ask(name);
      } finally {
        // What fails at once delays nobody.
        this.#remember(name, this.#clock.monotonic() - asked < SLOW ? this.#quick : this.#slow);
      }
    });
  }

  #remember(name: string, lane: Lane): void {
    this.#lanes.delete(name);
    this.#lanes.set(name, lane);
    if (this.#lanes.size <= MAX_KNOWN) return;
    for (const oldest of this.#lanes.keys()) {
      this.#lanes.delete(oldest);
      return;
    }
  }
}

/** One at a time, in their order. */
class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
