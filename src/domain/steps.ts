/** Entries that one step of long work handles. */
export const STEP = 1000;

/** Whether `test` is true of all items, in steps; it is called for none after the first for which it is not. */
export function* every<T>(
  items: Iterable<T>,
  test: (item: T) => boolean,
): Generator<void, boolean, undefined> {
  let steps = 0;
  for (const item of items) {
    if (!test(item)) return false;
    if (++steps % STEP === 0) yield;
  }
  return true;
}

/** Takes all steps at once, for work that is short. */
export function finish<T>(steps: Generator<void, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
