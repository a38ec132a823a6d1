import type { Clock } from '../../domain/clock.ts';
import type { CountViolation } from './connector-parts.ts';

type Message = Readonly<Record<string, unknown>>;

/** Milliseconds. */
const WINDOW = 100;
/** Messages of one type that pass in a window. Of the others only the last passes, when the window ends. */
const LIMIT = 10;

/**
 * Passes on what a peer tells everybody (camera_update, cognitive_update), up to a rate: each message goes to every replica
 * and every viewer.
 */
export class PeerRelay {
  readonly #options: { clock: Clock; pass: (message: Message) => void; count: CountViolation };
  readonly #windows = new Map<string, { passed: number; last?: Message }>();
  #stopped = false;

  constructor(options: { clock: Clock; pass: (message: Message) => void; count: CountViolation }) {
    this.#options = options;
  }

  /** Each type has a window of its own; there are only a few types. */
  take(type: string, message: Message): void {
    const window = this.#windows.get(type) ?? this.#openWindow(type);
    if (window.passed < LIMIT) {
      window.passed += 1;
      this.#options.pass(message);
      return;
    }
    if (window.last) this.#options.count('flood');
    window.last = message;
  }

  stop(): void {
    this.#stopped = true;
  }

  #openWindow(type: string): { passed: number; last?: Message } {
    const window: { passed: number; last?: Message } = { passed: 0 };
    this.#windows.set(type, window);
    this.#options.clock.after(WINDOW, () => {
      this.#windows.delete(type);
      // The last message counts in the next window: otherwise a flood could pass where two windows meet.
      if (window.last && !this.#stopped) this.take(type, window.last);
    });
    return window;
  }
}
