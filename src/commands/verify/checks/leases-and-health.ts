import { counted } from '../../layout.ts';
import type { Observations } from '../observations.ts';
import { isDaemonReply, notChecked, resultOf, type CheckResult } from './check-result.ts';
import { sawOutage } from './streams.ts';

/** Milliseconds that the commit and the network may take beyond the tolerance of a lease. */
const NETWORK_LIMIT = 500;
const TOLERANCE = 0.1;

export function checkLeases(observations: Observations): CheckResult {
  const { expiries, renewals, stallMs } = observations;
  const violations: string[] = [];
  let checked = 0;
  const outage = sawOutage(observations);
  for (const { id, ttl, sentAt, answeredAt, endedAt, until } of expiries) {
    const earliest = ttl * 1000 * (1 - TOLERANCE);
    const latest = ttl * 1000 * (1 + TOLERANCE) + NETWORK_LIMIT + stallMs;
    const early = endedAt !== undefined && endedAt - sentAt < earliest;
    // A daemon that lost its store waits one more TTL before it ends a lease.
    const late = !outage && (endedAt ?? until) - answeredAt > latest;
    if (early || late || endedAt !== undefined) checked++;
    if (early)
      violations.push(`${id} (ttl ${ttl} s) ended ${seconds(endedAt - sentAt)} after its last request`);
    else if (late) {
      const when = endedAt === undefined ? 'had not ended' : 'ended only';
      const after = seconds((endedAt ?? until) - answeredAt);
      violations.push(`${id} (ttl ${ttl} s) ${when} ${after} after its last request`);
    }
  }
  for (const { id, ttl, renewed, longest, ends } of renewals) {
    // A renewal that was late because of verify or the network proves nothing; `longest` has the time for which verify stood still.
    if (renewed === 0 || longest > ttl * 1000 * (1 - TOLERANCE)) continue;
    checked++;
    if (ends > 0) violations.push(`${id} (ttl ${ttl} s) ended, though it renewed every ${seconds(longest)}`);
  }
  const basis = `${counted(expiries.length, 'lease')} left to expire, ${counted(renewals.length, 'lease')} renewed`;
  const whyNot = outage
    ? 'the store or a daemon was unavailable'
    : 'no lease could be watched for long enough';
  return resultOf(violations, basis, checked, whyNot);
}

export function checkFencing({ fencing }: Observations): CheckResult {
  const violations: string[] = [];
  const answered = fencing.filter(isDaemonReply);
  for (const { what, url, status, code, effect } of answered) {
    const request = `${what} with an old generation at ${url}`;
    if (status !== 409 || code !== 'lease-lost')
      violations.push(`${request} was answered ${status} ${code ?? ''}`.trimEnd());
    if (effect !== '') violations.push(`${request}: ${effect}`);
  }
  const basis = `${counted(answered.length, 'request')} of an old generation`;
  return resultOf(violations, basis, answered.length, 'none was answered');
}

/** Milliseconds within which readiness must follow the replies to writes. */
const READY_LIMIT = 5000;
/** Milliseconds for which a reply is evidence of the present state. */
const RECENT = 1000;
/** After this many samples in a row, taken twice a second, "not yet ready" counts as "not ready". */
const RECOVERY_SAMPLES = 20;

/** Liveness is always 200; readiness is 503 within 5 s after the store is lost, and recovers. */
export function checkHealth({ urls, health, replies, stallMs }: Observations): CheckResult {
  const violations: string[] = [];
  for (const url of urls) {
    const samples = health.filter((sample) => sample.url === url);
    for (const { live } of samples)
      // A proxy without a daemon behind it answers 502 or 504.
      if (live !== 200 && live !== 0 && live !== 502 && live !== 504)
        violations.push(`/health/live of ${url} answered ${live}`);
    const mine = replies.filter((reply) => reply.url === url);
    const unavailable = timesOf(mine.filter(({ code }) => code === 'store-unavailable'));
    const available = timesOf(mine.filter(({ status }) => status < 300 && status > 0));
    for (const { at, ready } of samples) {
      const lastAvailable = Math.max(-Infinity, ...available.filter((time) => time <= at));
      const outage = unavailable.filter((time) => time <= at && time > lastAvailable);
      const length = at - Math.min(...outage);
      if (ready === 200 && length > READY_LIMIT + stallMs && at - Math.max(...outage) < RECENT)
        violations.push(`/health/ready of ${url} answered 200 after ${seconds(length)} of store-unavailable`);
    }
    if (neverRecovers(samples, available, unavailable))
      violations.push(`/health/ready of ${url} stays 503, though writes are answered`);
  }
  if (health.length === 0) return notChecked('no URL was asked');
  const alive = health.filter(({ live }) => live === 200).length;
  const unready = health.filter(({ ready }) => ready === 503).length;
  const basis = `${counted(alive, 'time')} alive, ${counted(unready, 'time')} not ready`;
  return resultOf(violations, basis, alive);
}

function neverRecovers(
  samples: Observations['health'],
  available: readonly number[],
  unavailable: readonly number[],
): boolean {
  const last = samples.slice(-RECOVERY_SAMPLES);
  if (last.length < RECOVERY_SAMPLES) return false;
  if (!last.every(({ live, ready }) => live === 200 && ready === 503)) return false;
  const [from, to] = [last[0]!.at, last.at(-1)!.at];
  const anyWithin = (times: readonly number[]) => times.some((time) => time >= from && time <= to);
  return anyWithin(available) && !anyWithin(unavailable);
}

function timesOf(replies: Observations['replies']): number[] {
  return replies.map(({ sentAt, ms }) => sentAt + ms);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
