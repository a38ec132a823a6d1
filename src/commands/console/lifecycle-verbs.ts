import { PROTOCOLS } from '../../domain/compositor.ts';
import { CommandError } from '../command.ts';
import { printable } from '../printable.ts';
import { createAll, describe, TTL } from './create-all.ts';
import { problemText, type StartStopItem } from './daemon.ts';
import { meansAll, targetId, throwFailures, type Call, type ConsoleContext, type Verb } from './verb.ts';

const FIELDS = ['id', 'name', 'version', 'platform', 'protocol', 'address', 'port', 'ttl'];
const NUMBERS = new Set(['port', 'ttl']);
const FIELD = /^([a-z]+)=(.*)$/is;

type Fields = Record<string, string | number>;

const create: Verb = {
  name: 'create',
  usage: '[name] [field=value]...',
  summary: `Registers a compositor; without words, it asks; create all FILE: those of a file. Fields: ${FIELDS.join(' ')}.`,
  run: async (call) => {
    const { context, words, signal } = call;
    const [, file = '', ...more] = words;
    // With fields it is one compositor whose name is All.
    if (meansAll(call) && !FIELD.test(file)) {
      if (file === '' || more.length > 0) throw new CommandError('usage: create all FILE');
      return createAll(call, file);
    }
    const body = words.length > 0 ? parseFields(words) : await askFields(context);
    const { compositor, lease } = await context.daemon.register({ ttl: TTL, ...body }, signal);
    const until = lease ? `, its lease lasts until ${printable(lease.expiresAt)}` : '';
    context.print(`${describe(compositor)}${until}`);
  },
};

async function askFields(context: ConsoleContext): Promise<Fields> {
  const fields: Fields = {
    name: await askUntilValid(context, 'Enter composite name: ', (text) => text !== ''),
  };
  const add = (field: string, text: string) => {
    if (text !== '') fields[field] = NUMBERS.has(field) ? Number(text) : text;
  };
  add('version', await context.ask('Version (may be empty): '));
  add('platform', await context.ask('Platform (may be empty): '));
  const protocols = `${PROTOCOLS.join(', ')}; empty when it only publishes`;
  const isProtocol = (text: string) =>
    text === '' || (PROTOCOLS as readonly string[]).includes(text.toLowerCase());
  const answer = await askUntilValid(context, `Protocol (${protocols}): `, isProtocol, PROTOCOLS);
  const protocol = answer.toLowerCase();
  add('protocol', protocol);
  if (protocol !== '') {
    const question = protocol === 'libp2p' ? 'Address (a multiaddr): ' : 'Address: ';
    add('address', await askUntilValid(context, question, (text) => text !== ''));
    // A multiaddr contains its port.
    if (protocol !== 'libp2p') add('port', await askUntilValid(context, 'Port: ', isPort));
  }
  add(
    'ttl',
    await askUntilValid(context, `Lease in seconds (empty: ${TTL}): `, (text) => /^[0-9]{0,5}$/.test(text)),
  );
  return fields;
}

/** Asks again until the answer is valid; in a script, an invalid answer is an error. */
async function askUntilValid(
  context: ConsoleContext,
  question: string,
  isValid: (text: string) => boolean,
  choices?: readonly string[],
): Promise<string> {
  for (;;) {
    const text = await context.ask(question, choices);
    if (isValid(text)) return text;
    const wrong = `${JSON.stringify(printable(text))} is no answer to: ${question.replace(/: $/, '')}`;
    if (!context.interactive) throw new CommandError(wrong);
    context.print(wrong);
  }
}

function parseFields(words: readonly string[]): Fields {
  const fields: Fields = {};
  for (const [i, text] of words.entries()) {
    const [, word, value = ''] = FIELD.exec(text) ?? [];
    const field = word?.toLowerCase();
    if (field === undefined && i === 0) fields['name'] = text;
    else if (field === undefined || !FIELDS.includes(field))
      throw new CommandError(
        `there is no field ${printable(field ?? text)}=: ${FIELDS.map((name) => `${name}=`).join(' ')}`,
      );
    else if (field in fields) throw new CommandError(`${field}= is there twice`);
    else if (NUMBERS.has(field) && !/^[0-9]{1,6}$/.test(value))
      throw new CommandError(`${field}= must be a whole number`);
    else if (NUMBERS.has(field)) fields[field] = Number(value);
    else fields[field] = field === 'protocol' ? value.toLowerCase() : value;
  }
  return fields;
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536;
}

/** `start` and `stop`: whether the daemon connects to the compositor. */
const setEnabled = (name: 'start' | 'stop', enabled: boolean, summary: string): Verb => ({
  name,
  usage: '[id|all]',
  summary,
  run: async (call) => {
    const { context, signal } = call;
    if (meansAll(call)) return startOrStopAll(call, name);
    const { compositor } = await context.daemon.change(targetId(call), { enabled }, signal);
    context.print(describe(compositor));
  },
});

/** Reports each; an error with one stops no other. */
async function startOrStopAll({ context, signal }: Call, how: 'start' | 'stop'): Promise<void> {
  const failures: string[] = [];
  let count = 0;
  for await (const item of context.daemon.startOrStopAll(how, signal)) {
    count += 1;
    if (item.ok) context.print(describe({ id: item.id, status: item.status ?? 'unknown' }));
    else failures.push(failureOf(item));
  }
  if (count === 0) context.print('None.');
  throwFailures(failures);
}

function failureOf({ id, problem }: StartStopItem): string {
  const { status } = (problem ?? {}) as { status?: number };
  return `${printable(id)}: ${problemText(status ?? 0, problem)}`;
}

const remove: Verb = {
  name: 'remove',
  usage: '<id>',
  summary: 'Removes it and its tiles.',
  run: async (call) => {
    const { context, signal } = call;
    const id = targetId(call);
    await context.daemon.remove(id, signal);
    if (context.selected === id) context.selected = undefined;
    context.print(`${id} is removed`);
  },
};

export const LIFECYCLE_VERBS: readonly Verb[] = [
  create,
  setEnabled('start', true, 'Connects to it, or to all, now and after every restart.'),
  setEnabled('stop', false, 'Closes the connection to it, or to all, until start.'),
  remove,
];
