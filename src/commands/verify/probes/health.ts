import { pause } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';

/** Milliseconds. */
const HEALTH_INTERVAL = 500;

/** Looks at each URL twice a second whether it is alive and ready, until the time is over. */
export async function probeHealth({ urls, send, observations, over }: VerifyContext): Promise<void> {
  const poll = async (url: string) => {
    for (;;) {
      const [live, ready] = await Promise.all([
        send(url, '/health/live', { signal: over }),
        send(url, '/health/ready', { signal: over }),
      ]);
      // The end of the time cut these requests short: their replies prove nothing.
      if (over.aborted) return;
      observations.health.push({ url, at: performance.now(), live: live.status, ready: ready.status });
      await pause(HEALTH_INTERVAL, over);
    }
  };
  await Promise.all(urls.map(poll));
}
