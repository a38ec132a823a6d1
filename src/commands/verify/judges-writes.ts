import type { Evidence, WriteEvidence } from './evidence.ts';
import { counted, notJudged, ruled, type Verdict } from './verdict.ts';

/** Every write answered 2xx is in the log, under the cursor that it was answered with. */
export function judgeDurable({ writes, commits }: Evidence): Verdict {
  const acknowledged = writes.filter(({ cursor }) => cursor !== undefined);
  const against = writes
    .filter(({ refused }) => refused !== undefined)
    .map((write) => `${titleOf(write)} was refused: ${write.refused!}`);
  if (!commits && against.length === 0) return notJudged('the history could not be read at the end');
  const known = new Set(commits?.map(({ by, cursor }) => `${by} ${cursor}`));
  for (const write of commits ? acknowledged : [])
    if (write.changed > 0 && !known.has(`${write.writer} ${write.cursor!}`))
      against.push(`${titleOf(write)} was answered ${write.cursor!}, which is no commit of the history`);
  const basis = `${counted(acknowledged.length, 'acknowledged write')} looked up in the history`;
  return ruled(against, basis, acknowledged.length, 'no write was answered');
}

/** A repeated write is one commit: the history has as many as there were writes, and a repetition changes nothing. */
export function judgeRepeated({ writes, repeats, commits }: Evidence): Verdict {
  const against = repeats
    .filter(({ status, changed }) => status === 200 && changed !== 0)
    .map(
      (repeat) => `${titleOf(repeat)}, sent again, changed ${counted(repeat.changed, 'entry', 'entries')}`,
    );
  const again = writes.filter(({ attempts }) => attempts > 1).length;
  for (const writer of commits ? new Set(writes.map((write) => write.writer)) : []) {
    const made = commits!.filter(({ by, tiles }) => by === writer && tiles > 0).length;
    const sent = writes.filter((write) => write.writer === writer).length;
    if (made > sent)
      against.push(`${writer} made ${counted(sent, 'write')}; the history has ${made} commits of it`);
  }
  const answered = repeats.filter(({ status }) => status === 200).length;
  const basis = `${counted(answered, 'write')} sent again on purpose, ${again} after a failure`;
  return ruled(against, basis, answered + again, 'no write was sent twice');
}

/** Each reader's last copy is what each URL serves, in full. */
export function judgeAgreement({ finals }: Evidence): Verdict {
  const against = finals.flatMap(({ url, reader, cursor, differences }) =>
    differences.map((line) => `${reader} and GET /manifest of ${url} differ at ${String(cursor)}: ${line}`),
  );
  const compared = finals.filter(({ cursor }) => cursor !== undefined);
  const not = finals.filter(({ cursor }) => cursor === undefined);
  const rest =
    not.length > 0 ? `; not comparable: ${[...new Set(not.map(({ why }) => why))].join(', ')}` : '';
  return ruled(
    against,
    `${counted(compared.length, 'copy', 'copies')} compared${rest}`,
    compared.length,
    `nothing could be compared${rest}`,
  );
}

/** A write is answered within the time that the store has, and what verify and the way may add. */
export function judgeTimely({ answers, stallMs }: Evidence): Verdict {
  const limit = ANSWER_LIMIT + WAY + stallMs;
  const against = answers
    .filter(({ ms }) => ms > limit)
    .map(({ what, url, status, ms }) => {
      const came = status === 0 ? 'nothing' : `${status}`;
      return `${what} at ${url} was answered ${came} after ${Math.round(ms)} ms`;
    });
  const slowest = Math.max(0, ...answers.map(({ ms }) => ms));
  const away = answers.filter(({ status }) => status === 503).length;
  const basis = `${counted(answers.length, 'write')}, the slowest in ${Math.round(slowest)} ms, ${away} answered 503`;
  return ruled(against, basis, answers.length);
}

/** Milliseconds within which every write is answered, and those that the network may add. */
const ANSWER_LIMIT = 2000;
const WAY = 1000;

function titleOf({ n, writer, url }: Pick<WriteEvidence, 'n' | 'writer' | 'url'>): string {
  return `write ${n} of ${writer} at ${url}`;
}
