// How many test files run at once: as many as keep the cores busy. Most wait for a clock, a browser or another process.
import { availableParallelism, cpus } from 'node:os';

/** Milliseconds between two looks at the cores. */
export const INTERVAL = 500;
/** Files per core: each has processes of its own, which take memory. */
const MOST = 3;

/**
 * The limit that follows: one more while a core is free, one fewer while none is.
 *
 * @param {number} limit files at once
 * @param {number} free cores that nobody used lately, such as 0.5
 * @param {number} cores
 */
export function adapted(limit, free, cores) {
  if (free > 0.7) return Math.min(limit + 1, cores * MOST);
  return free < 0.1 ? Math.max(limit - 1, 1) : limit;
}

export class JobLimit {
  #cores = availableParallelism();
  #value = this.#cores;
  #last = look();

  /** By what was free since it was read last. */
  get value() {
    const now = look();
    const elapsed = now.at - this.#last.at;
    if (elapsed >= INTERVAL) {
      this.#value = adapted(this.#value, this.#cores - (now.used - this.#last.used) / elapsed, this.#cores);
      this.#last = now;
    }
    return this.#value;
  }
}

/** Milliseconds that the cores have worked until now. What runs with a low priority (`nice`) gives way, and does not count. */
function look() {
  const used = cpus().reduce((sum, { times: { user, sys, irq } }) => sum + user + sys + irq, 0);
  return { used, at: performance.now() };
}
