import { setMaxListeners } from 'node:events';
import type { Clock } from '../domain/clock.ts';

/** Resolves after `ms`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** Calls `work` every `ms`; returns how to stop. */
export function repeat(clock: Clock, ms: number, work: () => void): () => void {
  let stop: () => void;
  const next = () => {
    stop = clock.after(ms, () => {
      next();
      work();
    });
  };
  next();
  return () => stop();
}

/**
 * The result of `work`, or after `ms` the error that `late` makes. An answer that arrived while our own process stood
 * still waits behind the timer, and is let through first.
 */
export async function withTimeout<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  let cancel: () => void = () => undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(ms, () => clock.soon(() => reject(late())));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}

/**
 * The result of `work`, which gets a signal that aborts after `ms`, or with one of `parents`, while the work runs. Like
 * {@link withTimeout}, the timer lets an answer through that has arrived: our stall is not the other side's silence.
 *
 * It replaces `AbortSignal.any` over `AbortSignal.timeout`, which Node 20 may collect as garbage before it aborts.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  ...parents: readonly AbortSignal[]
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  // Many may wait for one deadline, which Node 20 reports as a leak.
  setMaxListeners(0, controller.signal);
  let ended = false;
  const cancel = clock.after(ms, () => clock.soon(() => ended || abort()));
  if (parents.some((parent) => parent.aborted)) abort();
  for (const parent of parents) parent.addEventListener('abort', abort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    ended = true;
    cancel();
    for (const parent of parents) parent.removeEventListener('abort', abort);
  }
}

/** Resolves when `work` has ended, well or not (true), or after `ms` (false). */
export async function waitAtMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  );
  return withTimeout(clock, ms, ended, () => new Error('timed out')).catch(() => false);
}
