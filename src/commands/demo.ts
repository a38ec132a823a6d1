import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { Fleet } from './fleet.ts';
import { pause, RetryingClient } from './http-client.ts';
import { play, survey, type PlaybackRate } from './play.ts';

/** The build copies it there. */
const TRACE = fileURLToPath(new URL('../demo/geometry-os-history.jsonl.gz', import.meta.url));

/** Plays the four months of the trace in about four minutes. */
const RATE: PlaybackRate = { perSecond: 5 };
const RETRY_DELAY = 5_000;

/** Replays the trace into the daemon at `url` in a loop, until `signal`. Never throws. */
export async function playForEver(options: {
  url: string;
  signal: AbortSignal;
  token?: string;
  log: Pick<Logger, 'debug' | 'warn'>;
  path?: string;
  rate?: PlaybackRate;
  /** Called when the compositors of a round are there, or cannot be registered. */
  onJoined?: () => void;
  /** Called at the end of each round, before its compositors leave. */
  onRound?: () => void;
}): Promise<void> {
  const { url, signal, token, log, path = TRACE, rate = RATE } = options;
  for (;;) {
    const round = new AbortController();
    const end = AbortSignal.any([signal, round.signal]);
    try {
      signal.throwIfAborted();
      const { lines, compositors } = await survey(path);
      const fleet = new Fleet(new RetryingClient({ url, signal, token }));
      log.debug(`demo: playing ${lines} commits of ${compositors.size} compositors`);
      await fleet.clear(compositors);
      await fleet.join(compositors);
      options.onJoined?.();
      const playing = play({ path, fleet, rate, signal: end }).finally(() => round.abort());
      await Promise.all([playing, fleet.keepLeases(end)]);
      options.onRound?.();
      signal.throwIfAborted();
      await fleet.leave();
    } catch (error) {
      options.onJoined?.();
      if (signal.aborted) return;
      log.warn(`demo: ${(error as Error).message}; starting again`);
      await pause(RETRY_DELAY, signal);
    } finally {
      round.abort();
    }
  }
}
