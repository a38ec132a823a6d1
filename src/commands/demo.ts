import { fileURLToPath } from 'node:url';
import { DaemonClient } from './daemon-client.ts';
import { Fleet, pause } from './fleet.ts';
import { play, survey, type Pace } from './play.ts';

/** The build puts it beside the commands. */
const TRACE = fileURLToPath(new URL('../demo/geometry-os-history.jsonl.gz', import.meta.url));

/** The four months of the trace in about four minutes. */
const PACE: Pace = { rate: 5 };
const BREATHER = 5_000;

/** Plays the trace into the daemon at `url`, from the start again at its end, until `signal`. Never throws. */
export async function playForEver(options: {
  url: string;
  signal: AbortSignal;
  token?: string;
  say: (text: string) => void;
  path?: string;
  pace?: Pace;
  /** Called at the end of each round, before its compositors leave. */
  onRound?: () => void;
}): Promise<void> {
  const { url, signal, token, say, path = TRACE, pace = PACE } = options;
  while (!signal.aborted) {
    const round = new AbortController();
    const end = () => round.abort();
    signal.addEventListener('abort', end);
    try {
      const { lines, compositors } = await survey(path);
      const fleet = new Fleet({ client: new DaemonClient({ url, signal, token }) });
      say(`demo: playing ${lines} commits of ${compositors.size} compositors\n`);
      await fleet.clear(compositors);
      await fleet.join(compositors);
      const playing = play({ path, fleet, pace, signal: round.signal }).finally(end);
      await Promise.all([playing, fleet.keep(round.signal)]);
      options.onRound?.();
      if (!isAborted(signal)) await fleet.leave();
    } catch (error) {
      if (isAborted(signal)) return;
      say(`demo: ${(error as Error).message}; starting again\n`);
      await pause(BREATHER, signal);
    } finally {
      end();
      signal.removeEventListener('abort', end);
    }
  }
}

/** A call, so that the compiler does not take an earlier answer for this one. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
