import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { baseUrl } from './base-url.ts';
import { clientToken, TOKEN_FLAG, TOKEN_HELP } from './client-token.ts';
import { FAILED, OK, USAGE, type Arguments, type Command } from './command.ts';
import { askWithToken } from './verify/deployment.ts';
import { judgeAll } from './verify/promises.ts';
import { reportText, totalsOf, type Finding } from './verify/report.ts';
import { Verification } from './verify/verification.ts';
import type { Terminal } from './terminal.ts';

const SECONDS = 20;
/** A lease must have the time to run out. */
const LEAST = 3;
const MOST = 86_400;
/** Seconds to take away what was made. */
const GRACE = 12;
const REDRAW = 250;

export const verify: Command = {
  name: 'verify',
  summary: 'Hold a running deployment to what it promises.',
  help: `Usage: compositord verify URL [URL...] [--token TOKEN] [--seconds N] [--json]

Writes with throw-away compositors (verify-...) into an empty, far corner of the plane through every URL at once, reads
with strict readers at every URL, drops them, lets leases run out, and takes everything away at the end. Says of each
promise whether it was kept, BROKEN (and by what), or could not be judged. Others may use the deployment meanwhile.

${TOKEN_HELP}
  --seconds N            How long to write and read, by default ${SECONDS}, at least ${LEAST}.
  --json                 The finding as one line of JSON.

Exit codes: 0 nothing is broken, 1 a promise is (or it was interrupted), 2 wrong flags, or no URL answers.
`,
  values: [TOKEN_FLAG, 'seconds'],
  switches: ['json'],
  operands: 1,
  more: true,
  run: async (args, terminal) => {
    const wanted = wish(args, terminal);
    if ('problem' in wanted) {
      terminal.stderr(`${wanted.problem}\n`);
      return USAGE;
    }
    const stop = new AbortController();
    // Every URL is asked at once.
    setMaxListeners(0, stop.signal);
    const run = perform(wanted, terminal, stop.signal);
    terminal.onStop(GRACE, async () => {
      stop.abort();
      await run;
      // The run's own exit code ends the process before this does, with that of a signal.
      await nextTurn();
    });
    return run;
  },
};

interface Wish {
  readonly urls: readonly string[];
  readonly seconds: number;
  readonly json: boolean;
  readonly token: string | undefined;
}

function wish({ flags, operands }: Arguments, terminal: Terminal): Wish | { problem: string } {
  const urls: string[] = [];
  for (const operand of operands) {
    const url = baseUrl(operand);
    if (url === undefined)
      return { problem: `URL: must be an http(s) address, not ${JSON.stringify(operand)}` };
    if (!urls.includes(url)) urls.push(url);
  }
  const seconds = Number(flags['seconds']?.at(-1) ?? SECONDS);
  if (!(seconds >= LEAST && seconds <= MOST)) return { problem: `--seconds: must be ${LEAST} to ${MOST}` };
  const token = clientToken(flags, terminal);
  if ('problem' in token) return token;
  return { urls, seconds, json: flags['json'] !== undefined, ...token };
}

async function perform(
  { urls, seconds, json, token }: Wish,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  askWithToken(token);
  const verification = new Verification({ urls, seconds, signal });
  const { evidence } = verification;
  const start = performance.now();
  const progress = setInterval(() => {
    const { exact, all } = verification.readers;
    const passed = Math.round((performance.now() - start) / 1000);
    const counts = `${evidence.answers.length} writes, ${exact} of ${all} readers exact`;
    if (terminal.isTTY)
      terminal.stderr(`\r${`${passed} of ${seconds} s, ${counts}`.slice(0, terminal.columns - 1)}\x1b[K`);
  }, REDRAW);
  const reached = await verification.run().finally(() => {
    clearInterval(progress);
    if (terminal.isTTY) terminal.stderr('\r\x1b[K');
  });
  if (!reached && !signal.aborted) {
    const why = verification.refused
      ? 'a token with the scopes read and write is needed'
      : 'no compositord answers';
    terminal.stderr(`compositord verify: ${why} at ${urls.join(', ')}\n`);
    return USAGE;
  }
  const promises = judgeAll(evidence);
  const finding: Finding = { urls, seconds, promises, totals: totalsOf(evidence), left: verification.left };
  terminal.stdout(json ? `${JSON.stringify(finding)}\n` : reportText(finding));
  if (signal.aborted) terminal.stderr('compositord verify: interrupted; it has proven nothing\n');
  return signal.aborted || promises.some(({ ruling }) => ruling === 'broken') ? FAILED : OK;
}
