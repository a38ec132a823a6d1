import { printable } from '../printable.ts';
import type { CommandResult } from './daemon.ts';
import { json } from './layout.ts';
import { idOf, meant } from './meant.ts';
import { Trouble } from './trouble.ts';
import type { Call, Verb } from './verb.ts';

const use: Verb = {
  name: 'use',
  usage: '[id]',
  summary: 'Selects the one that is meant where no id is given; alone, none.',
  takesId: true,
  least: 0,
  most: 1,
  run: async ({ desk, words, signal }) => {
    const [word] = words;
    if (word) await desk.daemon.compositor(idOf(word.text), signal);
    desk.selected = word?.text;
  },
};

const send: Verb = {
  name: 'send',
  usage: '<id> <command> [json]',
  summary: 'Runs a command on this one, with parameters.',
  takesId: true,
  least: 2,
  most: 3,
  split: 2,
  run: async (call) => {
    const id = meant(call.desk, call.words);
    const result = await call.desk.daemon.command(id, bodyOf(call, 1), call.signal);
    call.desk.print(`${heading(id, result)}\n${json(result.answer)}`);
    if (!result.ok) throw failure(result);
  },
};

const step: Verb = {
  name: 'step',
  usage: '<command> [json]',
  summary: 'Runs a command on the selected one; where none is, on each that is connected, in turn.',
  least: 1,
  most: 2,
  split: 1,
  run: async (call) => {
    const { desk, signal } = call;
    const body = bodyOf(call, 0);
    const ids = desk.selected === undefined ? await connected(call) : [desk.selected];
    const failures: string[] = [];
    for (const id of ids) {
      try {
        const result = await desk.daemon.command(id, body, signal);
        desk.print(`${heading(id, result)}\n${json(result.answer)}`);
        if (!result.ok) throw failure(result);
      } catch (error) {
        // The others get it all the same; but not after Ctrl-C.
        if (!(error instanceof Trouble) || signal.aborted) throw error;
        failures.push(`${printable(id)}: ${error.message}`);
      }
    }
    if (failures.length > 0) throw new Trouble(failures.join('\n'));
  },
};

async function connected({ desk, signal }: Call): Promise<string[]> {
  const all = await desk.daemon.compositors(signal);
  const ids = all.filter(({ status }) => status === 'connected').map(({ id }) => id);
  if (ids.length === 0) throw new Trouble('no compositor is connected');
  return ids;
}

function bodyOf({ words }: Call, at: number): { command: string; params?: unknown } {
  const command = words[at]!.text;
  const text = words[at + 1]?.text;
  if (text === undefined) return { command };
  try {
    return { command, params: JSON.parse(text) };
  } catch {
    throw new Trouble(`the parameters must be JSON, such as {"scene": "lobby"}: ${printable(text)}`);
  }
}

function heading(id: string, { ok, took, cursor }: CommandResult): string {
  const caused = cursor === null ? '' : `, up to ${printable(cursor)}`;
  return `${printable(id)} ${ok ? 'did it' : 'failed'} in ${Math.round(took * 1000)} ms${caused}`;
}

function failure({ error }: CommandResult): Trouble {
  return new Trouble(printable(error ?? 'it says that the command failed'));
}

export const SEND_VERBS: readonly Verb[] = [use, step, send];
