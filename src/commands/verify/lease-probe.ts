import { rest, type Crew } from './crew.ts';
import { isOk } from './deployment.ts';
import type { Evidence } from './evidence.ts';
import type { Witness } from './witness.ts';

/** Seconds. */
const LEASE = 2;
/** Milliseconds after the latest moment at which a dead one may be called so. */
const BEYOND = 1500;

export interface ProbeOptions {
  readonly crew: Crew;
  readonly evidence: Evidence;
  readonly signal: AbortSignal;
}

/** Registers a compositor at `url`, lets it die, and waits until a witness is told. */
export async function watchDeath(
  role: string,
  url: string,
  witnesses: readonly Witness[],
  { crew, evidence, signal }: ProbeOptions,
): Promise<void> {
  const joined = await crew.join({ id: crew.id(role), url, ttl: LEASE, signal });
  if (!joined) return;
  const { id, answer } = joined;
  const answeredAt = answer.sentAt + answer.ms;
  const until = answeredAt + LEASE * 1100 + BEYOND;
  const told = () => witnesses.flatMap((witness) => witness.staleAt(id) ?? []);
  while (told().length === 0 && performance.now() < until && !signal.aborted) await rest(50, signal);
  const [first] = told().sort((a, b) => a - b);
  // Cut short, it was not watched for long enough to say anything.
  if (first === undefined && signal.aborted) return;
  evidence.deaths.push({
    id,
    ttl: LEASE,
    sentAt: answer.sentAt,
    answeredAt,
    staleAt: first,
    until: performance.now(),
  });
}

/** Registers a compositor that renews its lease in time, at one URL after the other, until `over`. */
export async function keepAlive(
  role: string,
  witnesses: readonly Witness[],
  over: AbortSignal,
  { crew, evidence, signal }: ProbeOptions,
): Promise<void> {
  const joined = await crew.join({ id: crew.id(role), ttl: LEASE, signal });
  if (!joined) return;
  const { id, generation, answer } = joined;
  let [lastSent, longest, renewed, refused] = [answer.sentAt, 0, 0, 0];
  while (!over.aborted) {
    await rest((LEASE * 1000) / 5, over);
    const url = crew.nextUrl();
    const renewal = await crew.write(url, `renewal of ${id}`, `/compositors/${id}/lease`, {
      method: 'PUT',
      headers: { 'lease-generation': generation },
    });
    longest = Math.max(longest, renewal.sentAt + renewal.ms - lastSent);
    if (isOk(renewal)) [lastSent, renewed] = [renewal.sentAt, renewed + 1];
    else if (renewal.status === 404 || renewal.status === 409) refused++;
  }
  const stale = refused + witnesses.filter((witness) => witness.staleAt(id) !== undefined).length;
  evidence.renewals.push({ id, ttl: LEASE, renewed, longest, stale });
}
