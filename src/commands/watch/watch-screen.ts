import { columns } from '../layout.ts';
import type { WatchState } from './watcher.ts';

/** Switches to the alternate screen buffer, without a cursor and without wrapping. */
export const ENTER_SCREEN = '\x1b[?1049h\x1b[?25l\x1b[?7l';
/** Undoes {@link ENTER_SCREEN}. */
export const LEAVE_SCREEN = '\x1b[?7h\x1b[?25h\x1b[?1049l';

const MAX_BUSIEST = 6;

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The output that shows `state` on a screen of that size. */
export function draw(state: WatchState, size: Size): string {
  const lines = linesOf(state, size)
    .slice(0, size.rows)
    .map((line) => line.slice(0, size.columns));
  // Clearing the whole screen first would flicker: each line clears its own rest, and the last one everything below.
  return `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`;
}

function linesOf(state: WatchState, { columns: width, rows }: Size): string[] {
  const { rates, busiest, recent, unit } = state;
  const delay = rates.delay === undefined ? '' : `, ${Math.round(rates.delay)} ms late`;
  const head = [
    `${state.url}  ${state.view}`,
    // What is wrong is seen whole, also on a narrow screen.
    ...slices(`${state.connection}${state.degraded ? ', the store is away' : ''}  ${state.cursor}`, width),
    `${state.cells} ${unit} of ${state.compositors} compositors`,
    `${rates.commits.toFixed(1)} commits/s, ${rates.cells.toFixed(1)} ${unit}/s${delay}, ${state.reconnects} reconnects`,
    '',
  ];
  // On a small screen recent changes are more useful than the busiest compositors.
  const shown = busiest.slice(0, Math.min(MAX_BUSIEST, Math.max(0, rows - head.length - 4)));
  const cells = shown.map(([id, status, changes]) => [id, status.padEnd(12), `${changes} changes`]);
  const table = cells.length > 0 ? [...columns(cells, '  ').split('\n'), ''] : [];
  const above = [...head, ...table];
  return [...above, ...recent.slice(0, Math.max(0, rows - above.length))];
}

function slices(text: string, width: number): string[] {
  const count = Math.ceil(text.length / width);
  return Array.from({ length: count }, (_, i) => text.slice(i * width, (i + 1) * width));
}
