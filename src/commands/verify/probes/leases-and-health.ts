import { isSuccess, pause } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import type { Observer } from '../observer.ts';

/** Seconds. */
const TTL = 2;
/** Milliseconds for which the expiry is awaited after its latest time. */
const EXTRA_WAIT = 1500;

/** Registers a compositor at `url`, does not renew its lease, and waits until an observer sees it stale. */
export async function probeExpiry(
  { compositors, observations, stop }: VerifyContext,
  role: string,
  url: string,
  observers: readonly Observer[],
): Promise<void> {
  const registered = await compositors.register({ id: compositors.id(role), url, ttl: TTL, signal: stop });
  if (!registered) return;
  const { id, reply } = registered;
  const answeredAt = reply.sentAt + reply.ms;
  const until = answeredAt + TTL * 1100 + EXTRA_WAIT;
  const staleTimes = () => observers.flatMap((observer) => observer.staleAt(id) ?? []);
  while (staleTimes().length === 0 && performance.now() < until && !stop.aborted) await pause(50, stop);
  const [staleAt] = staleTimes().sort((a, b) => a - b);
  // After an interruption it was not watched for long enough to prove anything.
  if (staleAt === undefined && stop.aborted) return;
  const { sentAt } = reply;
  observations.expiries.push({ id, ttl: TTL, sentAt, answeredAt, staleAt, until: performance.now() });
}

/** Registers a compositor that renews its lease in time, at one URL after the other, until the time is over. */
export async function probeRenewal(
  { compositors, observations, over }: VerifyContext,
  observers: readonly Observer[],
): Promise<void> {
  const registered = await compositors.register({ id: compositors.id('alive'), ttl: TTL, signal: over });
  if (!registered) return;
  const { id, generation, reply } = registered;
  let [lastSent, longest, renewed, rejected] = [reply.sentAt, 0, 0, 0];
  while (!over.aborted) {
    await pause((TTL * 1000) / 5, over);
    const url = compositors.nextUrl();
    const renewal = await compositors.write(url, `renewal of ${id}`, `/compositors/${id}/lease`, {
      method: 'PUT',
      headers: { 'lease-generation': generation },
    });
    longest = Math.max(longest, renewal.sentAt + renewal.ms - lastSent);
    if (isSuccess(renewal)) [lastSent, renewed] = [renewal.sentAt, renewed + 1];
    else if (renewal.status === 404 || renewal.status === 409) rejected++;
  }
  const stale = rejected + observers.filter((observer) => observer.staleAt(id) !== undefined).length;
  observations.renewals.push({ id, ttl: TTL, renewed, longest, stale });
}

/** Milliseconds. */
const HEALTH_INTERVAL = 500;

/** Asks each URL twice a second whether it is alive and ready, until the time is over. */
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
