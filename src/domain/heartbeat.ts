import { isInMilliseconds } from './tile.ts';

/** Within so many milliseconds after our heartbeat, a heartbeat is the answer to it. */
const ANSWER_TIME = 2000;

/**
 * The timestamp that answers a heartbeat with `timestamp`: in milliseconds or in seconds, and a whole number or not, as it has it.
 * Many read only whole numbers, or only such of one unit.
 *
 * @param now milliseconds since 1970.
 */
export function inKind(timestamp: unknown, now: number): number {
  const inUnit = isInMilliseconds(timestamp) ? now : now / 1000;
  return Number.isInteger(timestamp) ? Math.floor(inUnit) : inUnit;
}

/** Tells answers to our heartbeats from heartbeats: two sides that answer each other's answers would never stop. */
export class HeartbeatAnswers {
  #answerBefore = -Infinity;

  /** We send a heartbeat. @param now milliseconds of a clock that never jumps. */
  sent(now: number): void {
    this.#answerBefore = now + ANSWER_TIME;
  }

  /** Whether the heartbeat that comes now is the answer to ours; there is one answer. */
  isAnswer(now: number): boolean {
    if (now >= this.#answerBefore) return false;
    this.#answerBefore = -Infinity;
    return true;
  }
}
