import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isCompositorId } from '../domain/compositor.ts';
import { parseRect } from '../domain/view.ts';
import { baseUrl } from './base-url.ts';
import { clientToken, TOKEN_FLAG, TOKEN_HELP } from './client-token.ts';
import { OK, USAGE, type Arguments, type Command } from './command.ts';
import type { Terminal } from './terminal.ts';
import type { Change } from './watch/changes.ts';
import { draw, ENTER, LEAVE } from './watch/watch-screen.ts';
import { Watcher } from './watch/watcher.ts';

const DEFAULT_URL = 'http://127.0.0.1:8760';
const GRACE = 5;
const REDRAW = 200;

export const watch: Command = {
  name: 'watch',
  summary: 'Show what changes, as it happens.',
  help: `Usage: compositord watch [--url URL] [--token TOKEN] [--view x1,y1,x2,y2] [--compositor ID]... [--count N]

A living screen on a terminal. Elsewhere a line per change, made for grep:
  <time> <event id> tile <x,y> brick="..." by=<compositor>     or: tile <x,y> removed by=<compositor>
  <time> <event id> compositor <id> status="..." name="..."    or: compositor <id> removed
  <time> <event id> snapshot reason="..." tiles=N compositors=N
  <time> - stream connected | bye reason="..." | lost, connecting again

  --url URL              The daemon, by default ${DEFAULT_URL}.
${TOKEN_HELP}
  --view x1,y1,x2,y2     Only the tiles in this rectangle.
  --compositor ID        Only this compositor and its tiles; may be given several times.
  --count N              End after N changes (a snapshot is one); for scripts.
`,
  values: ['url', TOKEN_FLAG, 'view', 'compositor', 'count'],
  switches: [],
  operands: 0,
  run: async (args, terminal) => {
    const wanted = wish(args, terminal);
    if ('problem' in wanted) {
      terminal.stderr(`${wanted.problem}\n`);
      return USAGE;
    }
    const stop = new AbortController();
    const run = follow(wanted, terminal, stop);
    terminal.onStop(GRACE, async () => {
      stop.abort();
      await run;
      // The run's own exit code ends the process before this does.
      await nextTurn();
    });
    return run;
  },
};

interface Wish {
  readonly url: string;
  readonly token: string | undefined;
  readonly view?: string;
  readonly compositors?: readonly string[];
  readonly count: number;
}

function wish({ flags }: Arguments, terminal: Terminal): Wish | { problem: string } {
  const text = flags['url']?.at(-1) ?? DEFAULT_URL;
  const url = baseUrl(text);
  if (url === undefined) return { problem: `--url: must be an http(s) address, not ${JSON.stringify(text)}` };
  const token = clientToken(flags, terminal);
  if ('problem' in token) return token;
  const view = flags['view']?.at(-1);
  if (view !== undefined && !parseRect(view)) return { problem: '--view: must be x1,y1,x2,y2' };
  const compositors = flags['compositor'];
  const wrong = compositors?.find((id) => !isCompositorId(id));
  if (wrong !== undefined) return { problem: `--compositor: ${JSON.stringify(wrong)} is no id` };
  const count = Number(flags['count']?.at(-1) ?? Infinity);
  if (count !== Infinity && !(Number.isSafeInteger(count) && count > 0))
    return { problem: '--count: must be a whole number above 0' };
  return { url, ...token, count, ...(view !== undefined && { view }), ...(compositors && { compositors }) };
}

/** Until `stop`, or until there were as many changes as wanted. */
async function follow(
  { count, ...wanted }: Wish,
  terminal: Terminal,
  stop: AbortController,
): Promise<number> {
  const living = terminal.screen() !== undefined;
  let left = count;
  const line = (change: Pick<Change, 'time' | 'cursor' | 'words'>) => {
    const time = change.time ?? new Date().toISOString();
    if (!living) terminal.stdout(`${time} ${change.cursor ?? '-'} ${change.words}\n`);
  };
  const watcher = new Watcher({
    ...wanted,
    onChange: (change) => {
      // A bye is told by the connection.
      if (left <= 0 || change.kind === 'bye') return;
      line(change);
      if (--left === 0) stop.abort();
    },
    onLink: (state) =>
      !stop.signal.aborted && line({ time: undefined, cursor: undefined, words: `stream ${state}` }),
  });
  const redraw = () => {
    // Asked each time: the window may have another size by now.
    const size = terminal.screen();
    if (size) terminal.stdout(draw(watcher.state(performance.now()), size));
  };
  if (living) terminal.stdout(ENTER);
  const drawing = living ? setInterval(redraw, REDRAW) : undefined;
  try {
    watcher.start();
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await watcher.stop();
  } finally {
    clearInterval(drawing);
    if (living) terminal.stdout(LEAVE);
  }
  return OK;
}
