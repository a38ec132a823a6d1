import { noSuch } from './options.ts';

type Listener = (...values: unknown[]) => void;

/** The listeners of some events. `Events` gives the arguments of each event's listeners. */
export class Listeners<Events extends Record<keyof Events, unknown[]>> {
  readonly #byEvent: ReadonlyMap<keyof Events, Set<Listener>>;

  /** `names` has each event once. */
  constructor(names: Readonly<Record<keyof Events, 1>>) {
    const events = Object.keys(names) as (keyof Events)[];
    this.#byEvent = new Map(events.map((event) => [event, new Set()]));
  }

  /** Calls `listener` at each such event. Returns a function that removes it. Throws a TypeError when there is no such event. */
  on<E extends keyof Events>(event: E, listener: (...values: Events[E]) => void): () => void {
    const listeners = this.#byEvent.get(event);
    if (!listeners) throw noSuch('there is no event', String(event), [...this.#byEvent.keys()].map(String));
    if (typeof listener !== 'function')
      throw new TypeError(`on("${String(event)}", ...) needs a function, not ${typeof listener}`);
    // Of its own, so that two that share a function are two.
    const each: Listener = (...values) => listener(...(values as Events[E]));
    listeners.add(each);
    return () => listeners.delete(each);
  }

  has(event: keyof Events): boolean {
    return this.#byEvent.get(event)!.size > 0;
  }

  emit<E extends keyof Events>(event: E, ...values: Events[E]): void {
    for (const listener of this.#byEvent.get(event)!)
      try {
        listener(...values);
      } catch (error) {
        // A listener's error is reported like any uncaught one; the others are called all the same.
        queueMicrotask(() => {
          throw error;
        });
      }
  }
}
