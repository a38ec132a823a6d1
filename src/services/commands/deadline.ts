import type { Clock } from '../../domain/clock.ts';

/** A signal that fires in `ms`, unless it is ended before. */
export function deadlineOf(clock: Clock, ms: number): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, end: clock.after(ms, () => controller.abort()) };
}
