import { SystemClock } from '../adapters/system-clock.ts';
import { MAX_ZOOM } from '../domain/area.ts';
import { isCompositorId } from '../domain/compositor.ts';
import { parseRect } from '../domain/view.ts';
import { clientOptions, TOKEN_FLAG, URL_FLAG, type ClientOptions } from './client-options.ts';
import { exitCodeOf, OK, UsageError, type Arguments, type Command } from './command.ts';
import { Stopped } from './stopped.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';
import type { Change } from './watch/changes.ts';
import { draw, ENTER_SCREEN, LEAVE_SCREEN } from './watch/watch-screen.ts';
import { parseCount, Watcher } from './watch/watcher.ts';

/** Seconds to clean up after Ctrl-C. */
const GRACE = 5;
const REDRAW = 200;

export const watch: Command = {
  name: 'watch',
  summary: 'Show changes as they happen.',
  about: `On a terminal, a live screen. Elsewhere one line per change, for grep:
  <time> <event id> tile <x,y> brick="..." by=<compositor>     or: tile <x,y> removed by=<compositor>
  <time> <event id> compositor <id> status="..." name="..."    or: compositor <id> removed
  <time> <event id> area <ax,ay> tiles=N owners="<id>:<tiles> ..."    or: area <ax,ay> removed      with --zoom
  <time> <event id> snapshot reason="..." tiles=N compositors=N       areas=N with --zoom
  <time> - stream connected | bye reason="..." | lost: <why>; next attempt in N s | problem="..."`,
  flags: [
    URL_FLAG,
    TOKEN_FLAG,
    {
      name: 'view',
      value: 'X1,Y1,X2,Y2',
      text: 'Only the tiles in this rectangle; its corners in any order.',
    },
    {
      name: 'compositor',
      value: 'ID',
      text: 'Only this compositor and its tiles; may be given several times.',
    },
    { name: 'zoom', value: 'K', text: `Areas of 2^K x 2^K cells instead of tiles, up to ${MAX_ZOOM}.` },
    { name: 'count', value: 'N', text: 'End after N changes (a snapshot is one); for scripts.' },
  ],
  after: `Ends with 1 when a token is refused or what answers is no compositord; whatever may pass is tried again. Ctrl-C ends it
with 0, and with --count with 130.`,
  run: async (args, terminal) => {
    const options = parseOptions(args, terminal);
    return runUntilStopped(terminal, GRACE, (stop) => follow(options, terminal, stop));
  },
};

interface WatchOptions extends ClientOptions {
  readonly view?: string;
  readonly compositors?: readonly string[];
  readonly zoom: number;
  readonly count: number;
}

function parseOptions({ flags }: Arguments, terminal: Terminal): WatchOptions {
  const client = clientOptions(flags, terminal);
  const view = flags['view']?.at(-1);
  if (view !== undefined && !parseRect(view)) throw new UsageError('--view: must be x1,y1,x2,y2');
  const compositors = flags['compositor'];
  const wrong = compositors?.find((id) => !isCompositorId(id));
  if (wrong !== undefined) throw new UsageError(`--compositor: ${JSON.stringify(wrong)} is no id`);
  const zoomText = flags['zoom']?.at(-1) ?? '0';
  const zoom = /^\d{1,2}$/.test(zoomText) ? Number(zoomText) : Infinity;
  if (zoom > MAX_ZOOM) throw new UsageError(`--zoom: must be 0 to ${MAX_ZOOM}`);
  const count = parseCount(flags['count']?.at(-1));
  if (count === undefined) throw new UsageError('--count: must be a whole number above 0');
  return { ...client, count, zoom, ...(view !== undefined && { view }), ...(compositors && { compositors }) };
}

/** Shows changes until `stop`, or until there were `count` of them. */
async function follow(options: WatchOptions, terminal: Terminal, stop: AbortController): Promise<number> {
  const clock = new SystemClock();
  const live = terminal.screen() !== undefined;
  const print = ({ time, cursor = '-', text }: Pick<Change, 'time' | 'cursor' | 'text'>) => {
    if (!live) terminal.stdout(`${time ?? new Date(clock.now()).toISOString()} ${cursor} ${text}\n`);
  };
  const watcher = new Watcher({
    ...options,
    onChange: print,
    onConnectionChange: (state) => print({ time: undefined, cursor: undefined, text: `stream ${state}` }),
  });
  const redraw = () => {
    // Read each time: the window may have been resized.
    const size = terminal.screen();
    if (size) terminal.stdout(draw(watcher.state(), size));
  };
  if (live) terminal.stdout(ENTER_SCREEN);
  const drawing = live ? setInterval(redraw, REDRAW) : undefined;
  try {
    await watcher.run(stop);
  } finally {
    clearInterval(drawing);
    if (live) terminal.stdout(LEAVE_SCREEN);
  }
  return stop.signal.reason instanceof Stopped && options.count < Infinity ? exitCodeOf(stop.signal) : OK;
}
