import { rest } from './crew.ts';
import { ask } from './deployment.ts';
import type { Evidence } from './evidence.ts';

const EVERY = 500;

/** Asks each URL twice a second whether it lives and is ready, until `over`. */
export async function probeHealth(evidence: Evidence, over: AbortSignal): Promise<void> {
  const follow = async (url: string) => {
    while (!over.aborted) {
      const [live, ready] = await Promise.all([
        ask(url, '/health/live', { signal: over }),
        ask(url, '/health/ready', { signal: over }),
      ]);
      // Cut short by the end, they say nothing.
      if (isAborted(over)) return;
      evidence.health.push({ url, at: performance.now(), live: live.status, ready: ready.status });
      await rest(EVERY, over);
    }
  };
  await Promise.all(evidence.urls.map(follow));
}

/** A call, so that the compiler does not take an earlier answer for this one. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
