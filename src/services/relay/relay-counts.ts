import { Counter } from '../../domain/counter.ts';
import type { RelayDrop } from '../../domain/relay-queue.ts';

/** Beside those of a queue: the sender lacks the scope; the message is too long or nested too deep. */
export type RelayDropReason = RelayDrop | 'scope' | 'invalid';

/** What became of the messages that were to be passed on, by type: the types are those of the configuration. */
export class RelayCounts {
  readonly passed = new Counter();
  readonly #dropped = new Map<string, Counter>();
  /** How often a socket was so far behind that messages were left out. */
  skipped = 0;

  drop(type: string, why: RelayDropReason): void {
    let counter = this.#dropped.get(type);
    if (!counter) this.#dropped.set(type, (counter = new Counter()));
    counter.add(why);
  }

  /** How many were dropped, by type and reason. */
  get dropped(): [type: string, why: string, count: number][] {
    return [...this.#dropped].flatMap(([type, { counts }]) =>
      [...counts].map(([why, count]): [string, string, number] => [type, why, count]),
    );
  }
}
