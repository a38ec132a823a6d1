import type { Evidence, ReaderEvidence, SeenEvidence, WriteEvidence } from './evidence.ts';
import { counted, notJudged, ruled, type Verdict } from './verdict.ts';

/** The promises that a breach of the protocol breaks, by its words; the first that fits. */
const BREACHES = [
  ['order', /back in time|another history/],
  ['once', / twice /],
  ['digest', /^the digest is/],
  ['resume', /to a reader that sent an id|before a snapshot/],
  ['protocol', /./],
] as const;

type Breach = (typeof BREACHES)[number][0];

export function judgeOrder(evidence: Evidence): Verdict {
  return judgeBreach(evidence, 'order');
}

export function judgeOnce(evidence: Evidence): Verdict {
  return judgeBreach(evidence, 'once');
}

export function judgeDigest(evidence: Evidence): Verdict {
  return judgeBreach(evidence, 'digest');
}

export function judgeProtocol(evidence: Evidence): Verdict {
  return judgeBreach(evidence, 'protocol');
}

export function judgeAtomic({ readers }: Evidence): Verdict {
  const against = readers.flatMap((reader) => reader.torn.map((line) => `${titleOf(reader)}: ${line}`));
  const seen = readers.reduce((sum, reader) => sum + reader.seen.filter(({ n }) => n > 0).length, 0);
  return ruled(
    against,
    `${counted(seen, 'multi-tile state')} seen by ${counted(readers.length, 'reader')}`,
    seen,
  );
}

/**
 * A cursor never runs ahead of its data, nor data ahead of its cursor: at each exact cursor a copy holds, of every
 * writer, the last write committed up to there.
 */
export function judgeCursor({ readers, writes }: Evidence): Verdict {
  if (readers.some(({ resets }) => resets > 0))
    return notJudged('the history was replaced meanwhile: revisions of the two cannot be compared');
  const byWriter = new Map<string, WriteEvidence[]>();
  for (const write of writes) byWriter.set(write.writer, [...(byWriter.get(write.writer) ?? []), write]);
  let looked = 0;
  const against: string[] = [];
  for (const reader of readers) {
    for (const seen of reader.seen) {
      looked++;
      const line = aheadOf(seen, byWriter.get(seen.writer) ?? []);
      if (line !== undefined) against.push(`${titleOf(reader)}: ${line}`);
    }
  }
  return ruled(against, `${counted(looked, 'state')} at known cursors`, looked);
}

function aheadOf(seen: SeenEvidence, writes: readonly WriteEvidence[]): string | undefined {
  for (const { n, cursor, changed } of writes) {
    if (cursor === undefined) continue;
    const revision = Number.parseInt(cursor, 10);
    if (n > seen.n && revision <= seen.to)
      return `at revision ${seen.to} it had write ${seen.n} of ${seen.writer}, though write ${n} is commit ${cursor}`;
    if (n === seen.n && changed > 0 && revision > seen.from)
      return `at revision ${seen.from} it had write ${n} of ${seen.writer} already, which is commit ${cursor}`;
  }
  return undefined;
}

export function judgeResume(evidence: Evidence): Verdict {
  const { readers, urls } = evidence;
  const against = breachesOf(evidence, 'resume');
  const hops = readers.flatMap((reader) => reader.hops.map((hop) => ({ reader, hop })));
  for (const { reader, hop } of hops)
    if (hop.ms === undefined)
      against.push(`${titleOf(reader)}: not exact again at ${hop.to} after ${hop.id}`);
  const trouble = inTrouble(evidence);
  for (const reader of readers)
    if (reader.resets > 0 && !trouble)
      against.push(`${titleOf(reader)}: ${counted(reader.resets, 'reset')}, though the store was never away`);
  const where = urls.length > 1 ? 'at another URL' : 'at the same URL (give several to judge more)';
  const slowest = Math.max(0, ...hops.map(({ hop }) => hop.ms ?? 0));
  const basis = `${counted(hops.length, 'reconnect')} ${where}, the slowest exact in ${Math.round(slowest)} ms`;
  return ruled(against, basis, hops.length, 'no reader was dropped');
}

/** Somebody was told, or could see, that the store or a daemon was away. */
export function inTrouble({ readers, answers, health }: Evidence): boolean {
  return (
    readers.some(({ degraded }) => degraded) ||
    answers.some(({ status }) => status === 0 || status >= 502) ||
    health.some(({ live, ready }) => live !== 200 || ready !== 200)
  );
}

function judgeBreach(evidence: Evidence, kind: Breach): Verdict {
  const { readers } = evidence;
  const looked = readers.filter(({ seen }) => seen.length > 0).length;
  return ruled(
    breachesOf(evidence, kind),
    counted(looked, 'strict reader'),
    looked,
    'no reader was ever exact',
  );
}

function breachesOf({ readers }: Evidence, kind: Breach): string[] {
  return readers.flatMap((reader) =>
    reader.violations
      .filter((line) => BREACHES.find(([, words]) => words.test(line))?.[0] === kind)
      .map((line) => `${titleOf(reader)}: ${line}`),
  );
}

function titleOf({ name, url }: ReaderEvidence): string {
  return `${name} at ${url}`;
}
