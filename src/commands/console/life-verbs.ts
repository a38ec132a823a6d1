import { PROTOCOLS } from '../../domain/compositor.ts';
import { printable } from '../printable.ts';
import type { Entry } from './daemon.ts';
import { meant } from './meant.ts';
import { Trouble } from './trouble.ts';
import type { Desk, Verb } from './verb.ts';
import type { Word } from './words.ts';

/** Seconds: the longest there is, since nobody renews the lease of what a person has made here. */
const TTL = 86_400;
const FIELDS = ['id', 'name', 'version', 'platform', 'protocol', 'address', 'port', 'ttl'];
const NUMBERS = new Set(['port', 'ttl']);

type Fields = Record<string, string | number>;

const create: Verb = {
  name: 'create',
  usage: '[name] [field=value]...',
  summary: `Registers one; alone, it asks. Fields: ${FIELDS.join(' ')}.`,
  least: 0,
  most: FIELDS.length,
  run: async ({ desk, words, signal }) => {
    const given = words.length > 0 ? fieldsOf(words) : await askFields(desk);
    const { compositor, lease } = await desk.daemon.register({ ttl: TTL, ...given }, signal);
    const until = lease ? `, its lease lasts until ${printable(lease.expiresAt)}` : '';
    desk.print(`${stateOf(compositor)}${until}`);
  },
};

async function askFields(desk: Desk): Promise<Fields> {
  const fields: Fields = { name: await insist(desk, 'Enter composite name: ', (text) => text !== '') };
  const add = (field: string, text: string) => {
    if (text !== '') fields[field] = NUMBERS.has(field) ? Number(text) : text;
  };
  add('version', await desk.ask('Version (may be empty): '));
  add('platform', await desk.ask('Platform (may be empty): '));
  const protocols = `${PROTOCOLS.join(', ')}; empty when it only publishes`;
  const known = (text: string) => text === '' || (PROTOCOLS as readonly string[]).includes(text);
  const protocol = await insist(desk, `Protocol (${protocols}): `, known, PROTOCOLS);
  add('protocol', protocol);
  if (protocol !== '') {
    const what = protocol === 'libp2p' ? 'Address (a multiaddr): ' : 'Address: ';
    add('address', await insist(desk, what, (text) => text !== ''));
    // A multiaddr has its port in it.
    if (protocol !== 'libp2p') add('port', await insist(desk, 'Port: ', isPort));
  }
  add('ttl', await insist(desk, `Lease in seconds (empty: ${TTL}): `, (text) => /^[0-9]{0,5}$/.test(text)));
  return fields;
}

/** Until the answer fits; a script has only one. */
async function insist(
  desk: Desk,
  question: string,
  fits: (text: string) => boolean,
  choices?: readonly string[],
): Promise<string> {
  for (;;) {
    const text = await desk.ask(question, choices);
    if (fits(text)) return text;
    const wrong = `${JSON.stringify(printable(text))} is no answer to: ${question.replace(/: $/, '')}`;
    if (!desk.interactive) throw new Trouble(wrong);
    desk.print(wrong);
  }
}

function fieldsOf(words: readonly Word[]): Fields {
  const fields: Fields = {};
  for (const [i, { text }] of words.entries()) {
    const [, field, value = ''] = /^([a-z]+)=(.*)$/s.exec(text) ?? [];
    if (field === undefined && i === 0) fields['name'] = text;
    else if (field === undefined || !FIELDS.includes(field))
      throw new Trouble(
        `there is no field ${printable(field ?? text)}=: ${FIELDS.map((name) => `${name}=`).join(' ')}`,
      );
    else if (NUMBERS.has(field) && !/^[0-9]{1,6}$/.test(value))
      throw new Trouble(`${field}= must be a whole number`);
    else fields[field] = NUMBERS.has(field) ? Number(value) : value;
  }
  return fields;
}

function stateOf({ id, status }: Entry): string {
  return `${printable(id)} is ${printable(status)}`;
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536;
}

/** `start` and `stop`: whether the daemon is to connect to it. */
const turn = (name: string, enabled: boolean, summary: string): Verb => ({
  name,
  usage: '[id]',
  summary,
  takesId: true,
  least: 0,
  most: 1,
  run: async ({ desk, words, signal }) => {
    const { compositor } = await desk.daemon.change(meant(desk, words), { enabled }, signal);
    desk.print(stateOf(compositor));
  },
});

const remove: Verb = {
  name: 'remove',
  usage: '<id>',
  summary: 'Takes it and its tiles away.',
  takesId: true,
  least: 1,
  most: 1,
  run: async ({ desk, words, signal }) => {
    const id = meant(desk, words);
    await desk.daemon.remove(id, signal);
    if (desk.selected === id) desk.selected = undefined;
    desk.print(`${id} is gone`);
  },
};

export const LIFE_VERBS: readonly Verb[] = [
  create,
  turn('start', true, 'Connects to it, from now on.'),
  turn('stop', false, 'Ends the link to it, until it is started.'),
  remove,
];
