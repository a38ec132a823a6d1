import type { Fleet } from './fleet.ts';
import { pause } from './http-client.ts';
import { readTrace, type TraceLine } from './trace.ts';

/** N times as fast as recorded, N lines a second, or (undefined) as fast as the daemon accepts. */
export type PlaybackRate = { readonly speed: number } | { readonly perSecond: number } | undefined;

export interface Played {
  lines: number;
  upserts: number;
  removals: number;
  /** After the last line. */
  cursor: string;
}

/** Counts what a trace contains. Throws a CommandError where it is malformed, before anything is published. */
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
  rate: PlaybackRate;
  signal: AbortSignal;
  onLine?: (played: Played) => void;
}): Promise<Played> {
  const { path, fleet, rate, signal } = options;
  const played: Played = { lines: 0, upserts: 0, removals: 0, cursor: '' };
  const start = performance.now();
  let first: TraceLine | undefined;
  for await (const line of readTrace(path)) {
    first ??= line;
    const due = start + dueAfter(rate, played.lines, line.at - first.at);
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

/** Milliseconds from the start to a line that follows `lines` others and was recorded `seconds` after the first. */
export function dueAfter(rate: PlaybackRate, lines: number, seconds: number): number {
  if (!rate) return 0;
  return 'perSecond' in rate ? (lines / rate.perSecond) * 1000 : (seconds / rate.speed) * 1000;
}
