import { counted } from '../../layout.ts';
import { isUnavailable } from '../../http-client.ts';
import type { Observations } from '../observations.ts';
import { isDaemonReply, resultOf, type CheckResult } from './check-result.ts';
import { sawOutage } from './streams.ts';

/** Milliseconds after which a new link must bring commands, also when the replica of the one before it has died. */
const CLAIM_LIMIT = 12_000;
/** The code that closes a link in whose place there is another. */
const REPLACED = 4001;

/** A link opens at every URL, brings the commands that are sent to any of them, and ends the link before it. What it writes is for the other checks. */
export function checkLinks(observations: Observations): CheckResult {
  const { openings, commands, replacements } = observations;
  const outage = sawOutage(observations);
  const rejected = openings
    // Without a problem of the daemon's it was a proxy that passes no WebSocket on.
    .filter((opening) => opening.code !== undefined && !isUnavailable(opening))
    .map(({ id, url, status, code }) => `the link of ${id} at ${url} was answered ${status} ${code!}`);
  const lost = commands
    .filter((command) => !command.isAnswered && !outage)
    .filter((command) => isDaemonReply(command) || command.code === 'timed-out')
    // The token may write, and not command.
    .filter(({ code }) => code !== 'forbidden')
    .filter(({ isLater, open, code }) => isLater || open > CLAIM_LIMIT || code !== 'not-connected')
    .map(
      ({ url, linkAt, status, code }) =>
        `a command at ${url} for a link at ${linkAt} was answered ${status} ${code ?? 'by somebody else'}`,
    );
  const left = replacements
    .filter(({ code }) => code !== REPLACED && !outage)
    .map(
      ({ id, from, to, code }) =>
        `the link of ${id} at ${from} ${code === undefined ? 'stayed open' : `was closed with ${code}`} when one was opened at ${to}`,
    );
  const answered = commands.filter(({ isAnswered }) => isAnswered);
  const slowest = Math.max(0, ...answered.map(({ ms }) => ms));
  const basis = `${counted(answered.length, 'command')} over links, the slowest answered in ${Math.round(slowest)} ms, ${counted(replacements.length, 'link')} replaced`;
  return resultOf([...rejected, ...lost, ...left], basis, answered.length, 'no command came over a link');
}
