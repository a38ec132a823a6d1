import { clientOptions, TOKEN_FLAG, URL_FLAG, type ClientOptions } from './client-options.ts';
import { exitCodeOf, OK, UsageError, type Arguments, type Command } from './command.ts';
import { Fleet } from './fleet.ts';
import { RetryingClient } from './http-client.ts';
import { play, survey, type PlaybackRate, type Played } from './play.ts';
import { Progress } from './progress.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';

/** Seconds to clean up after Ctrl-C: longer than a request that nobody answers. */
const GRACE = 12;

export const replay: Command = {
  name: 'replay',
  summary: 'Replay a trace into a daemon, as its compositors published it.',
  about: `Reads a trace, one JSON object a line (plain, or .gz):
  {"at": 1773451213, "compositor": "docs", "tiles": {"3,-4": {"brick": "a.rts.png", "timestamp": 1773451213}, "5,6": null}}
registers its compositors, publishes each line's tiles in order, and keeps their leases until Ctrl-C.`,
  flags: [
    URL_FLAG,
    TOKEN_FLAG,
    { name: 'speed', value: 'N', text: 'N times as fast as it was recorded.' },
    { name: 'rate', value: 'N', text: 'N lines a second. Without either: as fast as the daemon accepts.' },
    { name: 'leave', text: 'Remove the compositors and their tiles at the end.' },
  ],
  after: 'Ctrl-C before the last line ends it with 130, and afterwards with 0.',
  operands: { text: 'FILE', least: 1, most: 1, offers: 'file' },
  run: async (args, terminal) => {
    const options = parseOptions(args, terminal);
    return runUntilStopped(terminal, GRACE, ({ signal }) => run(options, terminal, signal));
  },
};

interface ReplayOptions extends ClientOptions {
  readonly path: string;
  readonly rate: PlaybackRate;
  readonly leave: boolean;
}

function parseOptions({ flags, operands }: Arguments, terminal: Terminal): ReplayOptions {
  const client = clientOptions(flags, terminal);
  const [speed, perSecond] = ['speed', 'rate'].map((flag) => flags[flag]?.at(-1));
  if (speed !== undefined && perSecond !== undefined)
    throw new UsageError('--speed, --rate: give one of them');
  const number = Number(speed ?? perSecond ?? 1);
  if (!(number > 0 && number < Infinity))
    throw new UsageError(`--${speed === undefined ? 'rate' : 'speed'}: must be a number above 0`);
  const rate =
    speed !== undefined ? { speed: number } : perSecond !== undefined ? { perSecond: number } : undefined;
  return { ...client, path: operands[0]!, rate, leave: flags['leave'] !== undefined };
}

async function run(options: ReplayOptions, terminal: Terminal, stop: AbortSignal): Promise<number> {
  const { path, url, token, rate, leave } = options;
  // A failure must end the renewals, too.
  const failure = new AbortController();
  const signal = AbortSignal.any([stop, failure.signal]);
  const clientUntil = (end: AbortSignal) =>
    new RetryingClient({
      url,
      signal: end,
      token,
      onRetry: (reason) => terminal.stderr(`waiting for ${url}: ${reason}\n`),
    });
  const fleet = new Fleet(clientUntil(signal));
  const result = { isWhole: false };
  try {
    const { lines, compositors } = await survey(path);
    await fleet.join(compositors);
    const progress = new Progress(terminal, lines, 'lines');
    const start = performance.now();
    const onLine = (played: Played) => progress.update(played.lines);
    const playing = play({ path, fleet, rate, signal, onLine }).then((played) => {
      progress.end();
      terminal.stdout(totals(played, compositors.size, (performance.now() - start) / 1000));
      result.isWhole = played.lines === lines;
      if (!signal.aborted) terminal.stderr('Keeping their leases; Ctrl-C ends it.\n');
    });
    await Promise.all([playing, fleet.keepLeases(signal)]);
  } catch (error) {
    failure.abort();
    if (!stop.aborted) throw error;
  }
  if (!result.isWhole) terminal.stderr('interrupted before the last line\n');
  // After Ctrl-C the fleet's own client stops waiting, so leaving needs another one.
  if (leave) await fleet.leave(clientUntil(new AbortController().signal));
  return result.isWhole ? OK : exitCodeOf(stop);
}

function totals(played: Played, compositors: number, seconds: number): string {
  const { lines, upserts, removals, cursor } = played;
  const rate = Math.round(lines / Math.max(seconds, 0.001));
  return `${lines} lines of ${compositors} compositors, ${upserts} tiles set, ${removals} removed, in ${seconds.toFixed(1)} s (${rate}/s); cursor ${cursor}\n`;
}
