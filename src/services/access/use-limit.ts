/** Counts what each client has open at the same time, such as streams, and refuses more than so many. */
export class UseLimit {
  /** How often something was refused; only grows. */
  refused = 0;
  readonly #most: number;
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more for each of these clients, and returns what takes it back; undefined when one of them has too many. */
  take(clients: readonly string[]): (() => void) | undefined {
    if (clients.some((client) => (this.#open.get(client) ?? 0) >= this.#most)) {
      this.refused += 1;
      return undefined;
    }
    for (const client of clients) this.#open.set(client, (this.#open.get(client) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const client of clients) {
        const left = this.#open.get(client)! - 1;
        if (left === 0) this.#open.delete(client);
        else this.#open.set(client, left);
      }
    };
  }
}
