/** All that the living screen shows; its texts are safe for a terminal. */
export interface WatchState {
  readonly url: string;
  readonly view: string;
  readonly link: string;
  readonly cursor: string;
  readonly degraded: boolean;
  readonly tiles: number;
  readonly compositors: number;
  readonly rates: { readonly commits: number; readonly tiles: number; readonly delay: number | undefined };
  readonly reconnects: number;
  /** The busiest first: id, status, how many changes. */
  readonly busy: readonly (readonly [id: string, status: string, changes: number])[];
  /** The newest first. */
  readonly recent: readonly string[];
}

/** Takes the screen for itself: another buffer, no cursor, no wrapping of lines. */
export const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
/** Gives back what {@link ENTER} took. */
export const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

const BUSY = 6;

/** What to write for `state` to fill a screen of that size. */
export function draw(state: WatchState, size: { readonly columns: number; readonly rows: number }): string {
  const lines = linesOf(state, size.rows)
    .slice(0, size.rows)
    .map((line) => line.slice(0, size.columns));
  // Not cleared first: that flickers. Each line clears its own rest, and the last all below.
  return `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`;
}

function linesOf(state: WatchState, rows: number): string[] {
  const { rates, busy, recent } = state;
  const delay = rates.delay === undefined ? '' : `, ${Math.round(rates.delay)} ms late`;
  const head = [
    `${state.url}  ${state.view}`,
    `${state.link}${state.degraded ? ', the store is away' : ''}  ${state.cursor}`,
    `${state.tiles} tiles of ${state.compositors} compositors`,
    `${rates.commits.toFixed(1)} commits/s, ${rates.tiles.toFixed(1)} tiles/s${delay}, ${state.reconnects} reconnects`,
    '',
  ];
  // On a small screen what just happened matters more than who is busy.
  const shown = busy.slice(0, Math.min(BUSY, Math.max(0, rows - head.length - 4)));
  const width = Math.max(0, ...shown.map(([id]) => id.length));
  const table = shown.map(
    ([id, status, changes]) => `  ${id.padEnd(width)}  ${status.padEnd(12)}  ${changes} changes`,
  );
  const above = [...head, ...table, ...(table.length > 0 ? [''] : [])];
  return [...above, ...recent.slice(0, Math.max(0, rows - above.length))];
}
