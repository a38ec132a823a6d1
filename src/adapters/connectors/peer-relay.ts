import type { Clock } from '../../domain/clock.ts';
import type { CountViolation } from './protocol-violation.ts';

type Message = Readonly<Record<string, unknown>>;

/** Milliseconds. */
const WINDOW = 100;
/** Messages of one type that pass in a window; of those beyond it, the last one passes at its end. */
const PASS = 10;

/** Lets what a peer tells everybody (camera_update, cognitive_update) through as it comes, up to a bound: each goes to every replica and every viewer. */
export class PeerRelay {
  readonly #clock: Clock;
  readonly #pass: (message: Message) => void;
  readonly #count: CountViolation;
  readonly #windows = new Map<string, { passed: number; last?: Message }>();
  #over = false;

  constructor(options: { clock: Clock; pass: (message: Message) => void; count: CountViolation }) {
    this.#clock = options.clock;
    this.#pass = options.pass;
    this.#count = options.count;
  }

  /** `type` is one of a few: each has a window of its own. */
  take(type: string, message: Message): void {
    const window = this.#windows.get(type) ?? this.#open(type);
    if (window.passed < PASS) {
      window.passed += 1;
      this.#pass(message);
      return;
    }
    if (window.last) this.#count('flood');
    window.last = message;
  }

  stop(): void {
    this.#over = true;
  }

  #open(type: string): { passed: number; last?: Message } {
    const window: { passed: number; last?: Message } = { passed: 0 };
    this.#windows.set(type, window);
    this.#clock.after(WINDOW, () => {
      this.#windows.delete(type);
      // It opens the next window, so that no flood passes at its edges.
      if (window.last && !this.#over) this.take(type, window.last);
    });
    return window;
  }
}
