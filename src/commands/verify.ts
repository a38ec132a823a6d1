import { baseUrl, clientToken, TOKEN_FLAG } from './client-options.ts';
import { exitCodeOf, FAILED, OK, USAGE, UsageError, type Arguments, type Command } from './command.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';
import { checkAll } from './verify/checks/promises.ts';
import { reportText, totalsOf, type Report } from './verify/report.ts';
import { Verification, type VerificationOptions } from './verify/verification.ts';

const DEFAULT_SECONDS = 20;
/** A lease must have the time to expire. */
const MIN_SECONDS = 3;
const MAX_SECONDS = 86_400;
/** Seconds to remove the temporary compositors. */
const GRACE = 12;
const REDRAW = 250;

export const verify: Command = {
  name: 'verify',
  summary: 'Check that a running deployment keeps its promises.',
  about: `Writes with temporary compositors (verify-...) into an empty, far corner of the plane through all URLs at once, reads
every URL with conformance clients, reconnects them, lets leases expire, and removes everything at the end. Reports for
each promise whether it was kept, BROKEN (with the reason), or not checked. Others may use the deployment meanwhile.`,
  flags: [
    TOKEN_FLAG,
    {
      name: 'seconds',
      value: 'N',
      preset: String(DEFAULT_SECONDS),
      text: `How long to write and read, at least ${MIN_SECONDS}.`,
    },
    { name: 'json', text: 'Print the report as one line of JSON.' },
  ],
  after:
    'Exit codes: 0 no promise is broken, 1 one is, 2 wrong flags, or no URL answers, 130 it was interrupted.',
  operands: { text: 'URL [URL...]', least: 1, most: Infinity },
  run: async (args, terminal) => {
    const options = parseOptions(args, terminal);
    return runUntilStopped(terminal, GRACE, ({ signal }) => run(options, terminal, signal));
  },
};

interface VerifyOptions extends Omit<VerificationOptions, 'signal'> {
  readonly json: boolean;
}

function parseOptions({ flags, operands }: Arguments, terminal: Terminal): VerifyOptions {
  const urls = [...new Set(operands.map((operand) => baseUrl(operand, 'URL')))];
  const seconds = Number(flags['seconds']?.at(-1) ?? DEFAULT_SECONDS);
  if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS))
    throw new UsageError(`--seconds: must be ${MIN_SECONDS} to ${MAX_SECONDS}`);
  return { urls, seconds, json: flags['json'] !== undefined, token: clientToken(flags, terminal) };
}

async function run(options: VerifyOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { urls, seconds, json } = options;
  const verification = new Verification({ ...options, signal });
  const { observations } = verification;
  const start = performance.now();
  const drawing = setInterval(() => {
    const { exact, all } = verification.readers;
    const passed = Math.round((performance.now() - start) / 1000);
    const text = `${passed} of ${seconds} s, ${observations.replies.length} writes, ${exact} of ${all} readers exact`;
    if (terminal.isTTY) terminal.stderr(`\r${text.slice(0, terminal.columns - 1)}\x1b[K`);
  }, REDRAW);
  const reached = await verification.run().finally(() => {
    clearInterval(drawing);
    if (terminal.isTTY) terminal.stderr('\r\x1b[K');
  });
  if (!reached && !signal.aborted) {
    const reason = verification.unauthorized
      ? 'a token with the scopes read and write is needed'
      : 'no compositord answers';
    terminal.stderr(`compositord verify: ${reason} at ${urls.join(', ')}\n`);
    return USAGE;
  }
  const promises = checkAll(observations);
  const { left } = verification;
  const report: Report = { urls, seconds, promises, totals: totalsOf(observations), left };
  terminal.stdout(json ? `${JSON.stringify(report)}\n` : reportText(report, terminal.colour));
  if (signal.aborted) {
    terminal.stderr('compositord verify: interrupted; it has proven nothing\n');
    return exitCodeOf(signal);
  }
  return promises.some(({ result }) => result === 'broken') ? FAILED : OK;
}
