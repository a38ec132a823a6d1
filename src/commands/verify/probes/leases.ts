import { isSuccess, pause, type HttpReply } from '../../http-client.ts';
import type { VerifyContext } from '../context.ts';
import type { Observer } from '../observer.ts';

/** Seconds. */
const TTL = 2;
/** Milliseconds for which the expiry is awaited after its latest time. */
const EXTRA_WAIT = 1500;

/** Registers a compositor at `url`, does not renew its lease, and waits until an observer sees it stale. */
export async function probeExpiry(
  context: VerifyContext,
  role: string,
  url: string,
  observers: readonly Observer[],
): Promise<void> {
  const { compositors, stop } = context;
  const registered = await compositors.register({ id: compositors.id(role), url, ttl: TTL, signal: stop });
  if (!registered) return;
  const { id, reply } = registered;
  await awaitEnd(context, id, reply, () => observers.map((observer) => observer.staleAt(id)));
}

/** Registers a compositor that renews its lease in time, at one URL after the other, until the time is over. */
export async function probeRenewal(context: VerifyContext, observers: readonly Observer[]): Promise<void> {
  const { compositors, over } = context;
  const registered = await compositors.register({ id: compositors.id('alive'), ttl: TTL, signal: over });
  if (!registered) return;
  const { id, generation, reply } = registered;
  await keepRenewing(context, id, reply, {
    path: `/compositors/${id}/lease`,
    generation,
    ends: () => observers.map((observer) => observer.staleAt(id)),
  });
}

/** Reserves two regions for one compositor, renews the lease of the second, and waits until an observer sees the first gone. */
export async function probeRegionLeases(
  context: VerifyContext,
  row: number,
  observers: readonly Observer[],
): Promise<void> {
  const { compositors, region, over, stop } = context;
  const registered = await compositors.register({ id: compositors.id('tenant'), signal: over });
  if (!registered) return;
  const { id: compositor, generation } = registered;
  const reserve = async () => {
    const body = { compositor, rect: region.row(row), exclusive: false, ttl: TTL };
    const headers = { 'lease-generation': generation };
    const request = { method: 'POST', body, headers };
    const reply = await compositors.write(compositors.nextUrl(), 'a reservation', '/regions', request);
    return isSuccess(reply) ? { id: (reply.body as { id: string }).id, reply } : undefined;
  };
  const [left, kept] = [await reserve(), await reserve()];
  if (!left || !kept || stop.aborted) return;
  const goneAt = (id: string) => () => observers.map((observer) => observer.regionGoneAt(id));
  await Promise.all([
    awaitEnd(context, `the region ${left.id}`, left.reply, goneAt(left.id)),
    keepRenewing(context, `the region ${kept.id}`, kept.reply, {
      path: `/regions/${kept.id}/lease`,
      generation,
      ends: goneAt(kept.id),
    }),
  ]);
}

type Ends = () => readonly (number | undefined)[];

/** Waits until a lease of {@link TTL} seconds, granted by `reply`, has ended, and records when. */
async function awaitEnd(
  { observations, stop }: VerifyContext,
  id: string,
  { sentAt, ms }: HttpReply,
  ends: Ends,
): Promise<void> {
  const answeredAt = sentAt + ms;
  const until = answeredAt + TTL * 1100 + EXTRA_WAIT;
  const seen = () => ends().filter((at) => at !== undefined);
  while (seen().length === 0 && performance.now() < until && !stop.aborted) await pause(50, stop);
  const [endedAt] = seen().sort((a, b) => a - b);
  // After an interruption it was not watched for long enough to prove anything.
  if (endedAt === undefined && stop.aborted) return;
  observations.expiries.push({ id, ttl: TTL, sentAt, answeredAt, endedAt, until: performance.now() });
}

/** Renews a lease of {@link TTL} seconds, granted by `reply`, until the time is over, and records who saw it end. */
async function keepRenewing(
  { compositors, observations, over }: VerifyContext,
  id: string,
  reply: HttpReply,
  { path, generation, ends }: { readonly path: string; readonly generation: string; readonly ends: Ends },
): Promise<void> {
  let [lastSent, longest, renewed, rejected] = [reply.sentAt, 0, 0, 0];
  const headers = { 'lease-generation': generation };
  while (!over.aborted) {
    await pause((TTL * 1000) / 5, over);
    const url = compositors.nextUrl();
    const renewal = await compositors.write(url, `renewal of ${id}`, path, { method: 'PUT', headers });
    longest = Math.max(longest, renewal.sentAt + renewal.ms - lastSent);
    if (isSuccess(renewal)) [lastSent, renewed] = [renewal.sentAt, renewed + 1];
    else if (renewal.status === 404 || renewal.status === 409) rejected++;
  }
  const seen = ends().filter((at) => at !== undefined).length;
  observations.renewals.push({ id, ttl: TTL, renewed, longest, ends: rejected + seen });
}
