import { baseUrl } from './base-url.ts';
import { FAILED, OK, USAGE, type Arguments, type Command } from './command.ts';
import { clientToken, TOKEN_FLAG, TOKEN_HELP } from './client-token.ts';
import { DaemonClient, Refused, Unreachable } from './daemon-client.ts';
import { Fleet } from './fleet.ts';
import { play, survey, type Pace, type Played } from './play.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { TraceError } from './trace.ts';

const DEFAULT_URL = 'http://127.0.0.1:8760';
const GRACE = 10;

export const replay: Command = {
  name: 'replay',
  summary: 'Play a trace into a daemon, as its compositors published it.',
  help: `Usage: compositord replay FILE [--url URL] [--token TOKEN] [--speed N | --rate N] [--leave]

Reads a trace, one JSON object a line (plain, or .gz):
  {"at": 1773451213, "compositor": "docs", "tiles": {"3,-4": {"brick": "a.rts.png", "timestamp": 1773451213}, "5,6": null}}
registers its compositors, publishes each line's tiles in order, and keeps their leases until Ctrl-C.

  --url URL              The daemon, by default ${DEFAULT_URL}.
${TOKEN_HELP}
  --speed N              N times as fast as it was recorded.
  --rate N               N lines a second. Without either: as fast as the daemon takes it.
  --leave                Take the compositors and their tiles away at the end.
`,
  values: ['url', TOKEN_FLAG, 'speed', 'rate'],
  switches: ['leave'],
  operands: 1,
  run: async (args, terminal) => {
    const wanted = wish(args, terminal);
    if ('problem' in wanted) {
      terminal.stderr(`${wanted.problem}\n`);
      return USAGE;
    }
    const stop = new AbortController();
    const run = perform(wanted, terminal, stop.signal);
    terminal.onStop(GRACE, async () => {
      stop.abort();
      await run;
    });
    return run;
  },
};

interface Wish {
  readonly path: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly pace: Pace;
  readonly leave: boolean;
}

function wish({ flags, operands }: Arguments, terminal: Terminal): Wish | { problem: string } {
  const text = flags['url']?.at(-1) ?? DEFAULT_URL;
  const url = baseUrl(text);
  if (url === undefined) return { problem: `--url: must be an http(s) address, not ${JSON.stringify(text)}` };
  const token = clientToken(flags, terminal);
  if ('problem' in token) return token;
  const [speed, rate] = ['speed', 'rate'].map((flag) => flags[flag]?.at(-1));
  if (speed !== undefined && rate !== undefined) return { problem: '--speed, --rate: give one of them' };
  const number = Number(speed ?? rate ?? 1);
  if (!(number > 0 && number < Infinity))
    return { problem: `--${speed === undefined ? 'rate' : 'speed'}: must be a number above 0` };
  const pace = speed !== undefined ? { speed: number } : rate !== undefined ? { rate: number } : undefined;
  return { path: operands[0]!, url, ...token, pace, leave: flags['leave'] !== undefined };
}

async function perform(wanted: Wish, terminal: Terminal, stop: AbortSignal): Promise<number> {
  const { path, url, token, pace, leave } = wanted;
  // A failure must end the renewals, too.
  const failure = new AbortController();
  const signal = AbortSignal.any([stop, failure.signal]);
  const clientUntil = (signal: AbortSignal) =>
    new DaemonClient({
      url,
      signal,
      token,
      onWait: (why) => terminal.stderr(`waiting for ${url}: ${why}\n`),
    });
  const fleet = new Fleet({ client: clientUntil(signal) });
  try {
    const { lines, compositors } = await survey(path);
    await fleet.join(compositors);
    const progress = new Progress({ terminal, total: lines });
    const start = performance.now();
    const onLine = ({ lines }: Played) => progress.update(lines);
    const playing = play({ path, fleet, pace, signal, onLine }).then((played) => {
      progress.end();
      terminal.stdout(totals(played, compositors.size, (performance.now() - start) / 1000));
      if (!signal.aborted) terminal.stderr('Keeping their leases; Ctrl-C ends it.\n');
    });
    await Promise.all([playing, fleet.keep(signal)]);
  } catch (error) {
    failure.abort();
    if (!stop.aborted) return failed(error, terminal);
  }
  // After Ctrl-C the fleet's own client waits for nothing any more.
  if (leave) await fleet.leave(clientUntil(new AbortController().signal));
  return OK;
}

function totals(played: Played, compositors: number, seconds: number): string {
  const { lines, upserts, removals, cursor } = played;
  const rate = Math.round(lines / Math.max(seconds, 0.001));
  return `${lines} lines of ${compositors} compositors, ${upserts} tiles set, ${removals} removed, in ${seconds.toFixed(1)} s (${rate}/s); cursor ${cursor}\n`;
}

function failed(error: unknown, terminal: Terminal): number {
  const known = [TraceError, Refused, Unreachable].some((kind) => error instanceof kind);
  if (!known) throw error;
  terminal.stderr(`compositord replay: ${(error as Error).message}\n`);
  return FAILED;
}
