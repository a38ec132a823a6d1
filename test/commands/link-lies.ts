import { json, some, type NamedLie } from './find-lies.ts';

/** The lies about links. */
export const LINK_LIES: readonly NamedLie[] = [
  {
    what: 'opens the link of an older registration',
    breaks: 'fencing',
    ask: (asked) => {
      if (asked.path.endsWith('-fenced/link')) asked.headers['lease-generation'] = undefined;
      return undefined;
    },
  },
  {
    what: 'keeps commands to itself',
    breaks: 'links',
    message: (from, text) => (from === 'daemon' && text.includes('"type":"command"') ? undefined : text),
  },
  {
    what: 'answers a command in the place of the compositor',
    breaks: 'links',
    ask: some(
      ({ path }) => path.endsWith('-dialed/commands'),
      () => json(200, { id: 'x', ok: true, answer: {}, took: 0, cursor: null }),
    ),
  },
  {
    what: 'opens no link',
    breaks: 'links',
    ask: ({ path }) =>
      path.endsWith('/link') ? json(409, { type: '/problems/not-connected', status: 409 }) : undefined,
  },
  {
    what: 'acknowledges tiles of a link with a cursor of its own',
    breaks: 'durable',
    message: (from, text) => (from === 'daemon' ? text.replace(/"cursor":"\d+-/, '"cursor":"7-') : text),
  },
];
