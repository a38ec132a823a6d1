import type { Evidence } from './evidence.ts';
import { inTrouble } from './judges-stream.ts';
import { counted, notJudged, ruled, type Verdict } from './verdict.ts';

/** Milliseconds that the commit and the way to a reader may take beyond the lease's own tolerance. */
const WAY = 500;
const TOLERANCE = 0.1;

export function judgeLeases(evidence: Evidence): Verdict {
  const { deaths, renewals, stallMs } = evidence;
  const against: string[] = [];
  let looked = 0;
  const troubled = inTrouble(evidence);
  for (const { id, ttl, sentAt, answeredAt, staleAt, until } of deaths) {
    const [early, late] = [ttl * 1000 * (1 - TOLERANCE), ttl * 1000 * (1 + TOLERANCE) + WAY + stallMs];
    if (staleAt !== undefined && staleAt - sentAt < early) {
      looked++;
      against.push(`${id} (ttl ${ttl} s) was stale ${seconds(staleAt - sentAt)} after its last sign of life`);
      // Whoever has been out of touch with the store waits one whole TTL more before it ends a lease.
    } else if (!troubled && (staleAt ?? until) - answeredAt > late) {
      looked++;
      const when = staleAt === undefined ? 'not yet stale' : 'stale only';
      const after = seconds((staleAt ?? until) - answeredAt);
      against.push(`${id} (ttl ${ttl} s) was ${when} ${after} after its last sign of life`);
    } else if (staleAt !== undefined) {
      looked++;
    }
  }
  for (const { id, ttl, renewed, longest, stale } of renewals) {
    // A renewal that came late by our own or the network's fault proves nothing.
    if (renewed === 0 || longest + stallMs > ttl * 1000 * (1 - TOLERANCE)) continue;
    looked++;
    if (stale > 0)
      against.push(`${id} (ttl ${ttl} s) was stale, though it renewed every ${seconds(longest)}`);
  }
  const basis = `${counted(deaths.length, 'lease')} left to run out, ${counted(renewals.length, 'lease')} renewed`;
  const why = troubled
    ? 'the store or a daemon was away meanwhile'
    : 'no lease could be watched for long enough';
  return ruled(against, basis, looked, why);
}

export function judgeFencing({ fencing }: Evidence): Verdict {
  const against: string[] = [];
  const answered = fencing.filter(({ status }) => status !== 0 && status < 502);
  for (const { what, url, status, code, effect } of answered) {
    if (status !== 409 || code !== 'lease-lost')
      against.push(`${what} with an old generation at ${url} was answered ${status} ${code ?? ''}`.trimEnd());
    if (effect !== '') against.push(`${what} with an old generation at ${url}: ${effect}`);
  }
  return ruled(
    against,
    `${counted(answered.length, 'request')} of an old generation`,
    answered.length,
    'none was answered',
  );
}

/** Milliseconds within which readiness follows what writes are answered. */
const READY_LIMIT = 5000;

/** Liveness never says no; readiness turns 503 within 5 s of the store's going, and comes back by itself. */
export function judgeHealth({ urls, health, answers, stallMs }: Evidence): Verdict {
  const against: string[] = [];
  for (const url of urls) {
    const samples = health.filter((sample) => sample.url === url);
    for (const { live } of samples)
      // What a proxy says when no daemon answers is no daemon's word.
      if (live !== 200 && live !== 0 && live !== 502 && live !== 504)
        against.push(`/health/live of ${url} answered ${live}`);
    const away = answers.filter((answer) => answer.url === url && answer.code === 'store-unavailable');
    const well = answers.filter((answer) => answer.url === url && answer.status < 300 && answer.status > 0);
    for (const { at, ready } of samples) {
      const lastWell = Math.max(-Infinity, ...past(well, at));
      const spell = past(away, at).filter((time) => time > lastWell);
      const length = at - Math.min(...spell);
      if (ready === 200 && length > READY_LIMIT + stallMs && at - Math.max(...spell) < RECENT)
        against.push(`/health/ready of ${url} answered 200 after ${seconds(length)} of store-unavailable`);
    }
    if (isStuck(samples, past(well, Infinity), past(away, Infinity)))
      against.push(`/health/ready of ${url} stays 503, though writes are answered`);
  }
  if (health.length === 0) return notJudged('nobody was asked');
  const [alive, unready] = [
    health.filter(({ live }) => live === 200),
    health.filter(({ ready }) => ready === 503),
  ];
  return ruled(
    against,
    `${counted(alive.length, 'sign')} of life, ${unready.length} times not ready`,
    alive.length,
  );
}

/** Milliseconds for which an answer says how things are. */
const RECENT = 1000;
/** Samples in a row, of those taken twice a second, after which "not yet" has become "not". */
const RECOVERY = 20;

function isStuck(samples: Evidence['health'], well: readonly number[], away: readonly number[]): boolean {
  const last = samples.slice(-RECOVERY);
  if (last.length < RECOVERY || !last.every(({ live, ready }) => live === 200 && ready === 503)) return false;
  const [from, to] = [last[0]!.at, last.at(-1)!.at];
  const within = (times: readonly number[]) => times.some((time) => time >= from && time <= to);
  return within(well) && !within(away);
}

function past(answers: Evidence['answers'], at: number): number[] {
  return answers.map(({ sentAt, ms }) => sentAt + ms).filter((time) => time <= at);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
