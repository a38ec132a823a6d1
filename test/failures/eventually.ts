import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when `holds`, asked again and again: for what nothing announces. Rejects after the ceiling. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ceilingMs = 60_000,
): Promise<void> {
  const late = performance.now() + ceilingMs;
  while (!(await holds())) {
    if (performance.now() > late) throw new Error(`not within ${ceilingMs} ms: ${what}`);
    await delay(10);
  }
}
