import { setTimeout as delay } from 'node:timers/promises';
import { STATUSES } from '../../domain/compositor.ts';
import { printable } from '../printable.ts';
import { columns, fields, placeOf } from './layout.ts';
import { meant } from './meant.ts';
import { Trouble } from './trouble.ts';
import type { Verb } from './verb.ts';

/** Milliseconds between two looks, and until `wait` gives up. */
const LOOK = 200;
const PATIENCE = 30_000;

const list: Verb = {
  name: 'list',
  alias: 'ls',
  usage: '[status]',
  summary: 'The compositors, or those with this status; * is the selected one.',
  least: 0,
  most: 1,
  run: async ({ desk, words, signal }) => {
    const [status] = words;
    const all = await desk.daemon.compositors(signal);
    const shown = all.filter((entry) => !status || entry.status === status.text);
    if (shown.length === 0) return desk.print('None.');
    const rows = shown.map((entry) => [
      entry.id === desk.selected ? '*' : '',
      entry.id,
      entry.status,
      placeOf(entry),
      entry.name,
    ]);
    desk.print(columns([['', 'ID', 'STATUS', 'WHERE', 'NAME'], ...rows]));
  },
};

const info: Verb = {
  name: 'info',
  usage: '[id]',
  summary: 'All that is known of one.',
  takesId: true,
  least: 0,
  most: 1,
  run: async ({ desk, words, signal }) => {
    desk.print(fields(await desk.daemon.compositor(meant(desk, words), signal)));
  },
};

const health: Verb = {
  name: 'health',
  usage: '[id]',
  summary: 'How the link to it is.',
  takesId: true,
  least: 0,
  most: 1,
  run: async ({ desk, words, signal }) => {
    desk.print(fields(await desk.daemon.compositorHealth(meant(desk, words), signal)));
  },
};

const wait: Verb = {
  name: 'wait',
  usage: '<id> [status]',
  summary: `Waits until it has this status, by default connected; gives up after ${PATIENCE / 1000} s.`,
  takesId: true,
  least: 1,
  most: 2,
  run: async ({ desk, words, signal }) => {
    const id = meant(desk, words);
    const wanted = words[1]?.text ?? 'connected';
    if (!(STATUSES as readonly string[]).includes(wanted))
      throw new Trouble(`${printable(wanted)} is no status: ${STATUSES.join(', ')}`);
    const until = performance.now() + PATIENCE;
    for (;;) {
      const { status } = await desk.daemon.compositor(id, signal);
      if (status === wanted) return desk.print(`${id} is ${wanted}`);
      if (performance.now() > until) throw new Trouble(`${id} is ${printable(status)}, not ${wanted}`);
      await delay(LOOK, undefined, { signal });
    }
  },
};

export const LOOK_VERBS: readonly Verb[] = [list, info, health, wait];
