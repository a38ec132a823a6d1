import { parseJson } from '../../domain/json.ts';
import { CommandError } from '../command.ts';
import { printable } from '../printable.ts';
import { json } from './format.ts';
import { parseId, targetId, throwFailures, type Call, type Verb } from './verb.ts';

const use: Verb = {
  name: 'use',
  usage: '[id]',
  summary: 'Selects the compositor for lines without an id; alone, none.',
  run: async ({ context, words, signal }) => {
    const id = words[0] === undefined ? undefined : parseId(words[0]);
    if (id !== undefined) await context.daemon.compositor(id, signal);
    context.selected = id;
  },
};

const send: Verb = {
  name: 'send',
  usage: '<id> <command> [json]',
  summary: 'Runs a command on one compositor, with parameters.',
  run: async (call) => {
    await runCommand(call, targetId(call), parseBody(call, 1));
  },
};

const step: Verb = {
  name: 'step',
  usage: '<command> [json]',
  summary: 'Runs a command on the selected compositor, else on every connected one, in turn.',
  run: async (call) => {
    const { context, signal } = call;
    const body = parseBody(call, 0);
    const ids = context.selected === undefined ? await connectedIds(call) : [context.selected];
    const failures: string[] = [];
    for (const id of ids) {
      try {
        await runCommand(call, id, body);
      } catch (error) {
        // The other compositors still get the command, except after Ctrl-C.
        if (!(error instanceof CommandError) || signal.aborted) throw error;
        failures.push(`${printable(id)}: ${error.message}`);
      }
    }
    throwFailures(failures);
  },
};

async function connectedIds({ context, signal }: Call): Promise<string[]> {
  const all = await context.daemon.compositors(signal);
  const ids = all.filter(({ status }) => status === 'connected').map(({ id }) => id);
  if (ids.length === 0) throw new CommandError('no compositor is connected');
  return ids;
}

interface Body {
  readonly command: string;
  readonly params?: unknown;
}

function parseBody({ words }: Call, at: number): Body {
  const command = words[at]!;
  const text = words[at + 1];
  if (text === undefined) return { command };
  const params = parseJson(text);
  if (params !== undefined) return { command, params };
  throw new CommandError(`the parameters must be JSON, such as {"scene": "lobby"}: ${printable(text)}`);
}

async function runCommand({ context, signal }: Call, id: string, body: Body): Promise<void> {
  const { ok, took, cursor, answer, error } = await context.daemon.command(id, body, signal);
  const upTo = cursor === null ? '' : `, up to ${printable(cursor)}`;
  const time = `${Math.round(took * 1000)} ms`;
  context.print(`${printable(id)} ${ok ? 'succeeded' : 'failed'} in ${time}${upTo}\n${json(answer)}`);
  if (!ok) throw new CommandError(printable(error ?? 'it says that the command failed'));
}

export const COMMAND_VERBS: readonly Verb[] = [use, step, send];
