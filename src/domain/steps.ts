/** Entries that one step of long work handles. */
export const STEP = 1000;

/** Takes all steps at once, for work that is short. */
export function finish<T>(steps: Generator<void, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
