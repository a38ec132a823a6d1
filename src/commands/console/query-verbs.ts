import { setTimeout as delay } from 'node:timers/promises';
import { STATUSES } from '../../domain/compositor.ts';
import { CommandError } from '../command.ts';
import { columns, endpointOf } from '../layout.ts';
import { printable } from '../printable.ts';
import { parseCount, Watcher } from '../watch/watcher.ts';
import type { Daemon } from './daemon.ts';
import { fields } from './format.ts';
import { parseId, targetId, type Verb } from './verb.ts';

/** Milliseconds between two requests of `wait`, and until it gives up. */
const POLL_INTERVAL = 200;
const WAIT_TIMEOUT = 30_000;

const list: Verb = {
  name: 'list',
  alias: 'ls',
  usage: '[status]',
  summary: 'Lists the compositors, or those with this status; * is the selected one.',
  run: async ({ context, words, signal }) => {
    const status = words[0]?.toLowerCase();
    const all = await context.daemon.compositors(signal);
    const shown = all.filter((entry) => status === undefined || entry.status === status);
    if (shown.length === 0) return context.print('None.');
    const rows = shown.map((entry) => [
      entry.id === context.selected ? '*' : '',
      entry.id,
      entry.status,
      endpointOf(entry),
      entry.name,
    ]);
    context.print(columns([['', 'ID', 'STATUS', 'WHERE', 'NAME'], ...rows]));
  },
};

/** `info` and `health`: every field of one reply about a compositor. */
const show = (
  name: string,
  summary: string,
  read: (daemon: Daemon, id: string, signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>,
): Verb => ({
  name,
  usage: '[id]',
  summary,
  run: async (call) => {
    const { context, signal } = call;
    context.print(fields(await read(context.daemon, targetId(call), signal)));
  },
});

const wait: Verb = {
  name: 'wait',
  usage: '<id> [status]',
  summary: `Waits until it has this status, by default connected; gives up after ${WAIT_TIMEOUT / 1000} s.`,
  run: async (call) => {
    const { context, words, signal } = call;
    const id = targetId(call);
    const wanted = words[1]?.toLowerCase() ?? 'connected';
    if (!(STATUSES as readonly string[]).includes(wanted))
      throw new CommandError(`${printable(wanted)} is no status: ${STATUSES.join(', ')}`);
    const until = performance.now() + WAIT_TIMEOUT;
    for (;;) {
      const { status } = await context.daemon.compositor(id, signal);
      if (status === wanted) return context.print(`${id} is ${wanted}`);
      if (performance.now() > until) throw new CommandError(`${id} is ${printable(status)}, not ${wanted}`);
      await delay(POLL_INTERVAL, undefined, { signal });
    }
  },
};

const watch: Verb = {
  name: 'watch',
  usage: '[id] [count=N]',
  summary: 'Shows changes until Enter or Ctrl-C, or until there were N.',
  run: async ({ context, words, signal }) => {
    const isCount = (word: string) => /^count=/i.test(word);
    const count = parseCount(words.find(isCount)?.slice('count='.length));
    if (count === undefined) throw new CommandError('count= must be a whole number above 0');
    const id = words.find((word) => !isCount(word)) ?? context.selected;
    // Without a count, a script would never end.
    if (count === Infinity && !context.interactive)
      throw new CommandError('in a script, watch needs count=N');
    const { url, token } = context.daemon;
    const stop = new AbortController();
    const end = () => stop.abort();
    const watcher = new Watcher({
      url,
      token,
      count,
      ...(id !== undefined && { compositors: [parseId(id)] }),
      onChange: ({ text }) => context.print(text),
      onConnectionChange: (state) => context.print(`stream ${state}`),
    });
    signal.addEventListener('abort', end);
    if (context.interactive) void context.waitForKey(stop.signal).then(end);
    try {
      await watcher.run(stop);
    } finally {
      signal.removeEventListener('abort', end);
      // Without this, the next Enter would be taken for the end of what has failed.
      end();
    }
  },
};

export const QUERY_VERBS: readonly Verb[] = [
  list,
  show('info', 'Shows everything about one.', (daemon, id, signal) => daemon.compositor(id, signal)),
  show('health', 'Shows the state of the connection to it.', (daemon, id, signal) =>
    daemon.compositorHealth(id, signal),
  ),
  wait,
  watch,
];
