import { pause, type Fleet } from './fleet.ts';
import { readTrace, type TraceLine } from './trace.ts';

/** How fast: so many times as fast as it was, so many lines a second, or (undefined) as fast as it is taken. */
export type Pace = { readonly speed: number } | { readonly rate: number } | undefined;

export interface Played {
  lines: number;
  upserts: number;
  removals: number;
  /** The one after the last line. */
  cursor: string;
}

/** What a trace holds; throws TraceError where it is malformed, before anything of it was published. */
export async function survey(path: string): Promise<{ lines: number; compositors: Set<string> }> {
  const compositors = new Set<string>();
  let lines = 0;
  for await (const line of readTrace(path)) {
    lines++;
    compositors.add(line.compositor);
  }
  return { lines, compositors };
}

/** Publishes every line of the trace in order until its end, or `signal`. */
export async function play(options: {
  path: string;
  fleet: Fleet;
  pace: Pace;
  signal: AbortSignal;
  onLine?: (played: Played) => void;
}): Promise<Played> {
  const { path, fleet, pace, signal } = options;
  const played: Played = { lines: 0, upserts: 0, removals: 0, cursor: '' };
  const start = performance.now();
  let first: TraceLine | undefined;
  for await (const line of readTrace(path)) {
    first ??= line;
    const due = start + dueAfter(pace, played.lines, line.at - first.at);
    const wait = due - performance.now();
    if (wait > 0) await pause(wait, signal);
    if (signal.aborted) break;
    played.cursor = await fleet.publish(line);
    played.lines++;
    for (const [, tile] of line.tiles) played[tile ? 'upserts' : 'removals']++;
    options.onLine?.(played);
  }
  return played;
}

/** Milliseconds from the start to a line that `lines` others precede, recorded `seconds` after the first. */
export function dueAfter(pace: Pace, lines: number, seconds: number): number {
  if (!pace) return 0;
  return 'rate' in pace ? (lines / pace.rate) * 1000 : (seconds / pace.speed) * 1000;
}
