import { json, some, without, type NamedLie } from './find-lies.ts';
import type { Asked, Lie } from './lying-proxy.ts';

/** The lies of requests and replies. */
export const REPLY_LIES: readonly NamedLie[] = [
  {
    what: 'acknowledges writes that nobody made',
    breaks: 'durable',
    ask: some(isWrite, () => json(200, { cursor: '7-00000000', changed: 6 })),
  },
  {
    what: 'makes a repeated write another one',
    breaks: 'repeated',
    ask: (asked) => {
      if (isWrite(asked))
        asked.body = asked.body.replaceAll('.png"}', `.png","timestamp":${Date.now() / 1000}}`);
      return undefined;
    },
  },
  { what: 'reads the past for atLeast', breaks: 'atLeast', ask: reader('atLeast') },
  {
    what: 'rewrites the past',
    breaks: 'timeTravel',
    reply: (asked, replied) => {
      if (asked.path.includes('at=')) replied.body = replied.body.replace(/"tiles":\{.*\}/, '"tiles":{}}');
    },
  },
  {
    what: 'serves another map than it streams',
    breaks: 'agreement',
    reply: (asked, replied) => {
      if (/^\/manifest(\?view=[-\d,]*)?$/.test(asked.path.replaceAll('%2C', ',')))
        replied.body = replied.body.replace(/"brick":"[^"]*"/, '"brick":"other.png"');
    },
  },
  {
    what: 'answers renewals itself',
    breaks: 'leases',
    ask: (asked) =>
      asked.path.endsWith('-alive/lease')
        ? json(200, { lease: {}, republish: false, cursor: '1-00000000' })
        : undefined,
  },
  { what: 'registers with another TTL', breaks: 'leases', ask: ttl },
  { what: 'forgets who holds the lease', breaks: 'fencing', ask: without('lease-generation') },
  { what: 'forgets what the client has', breaks: 'conditional', ask: without('if-none-match') },
  {
    what: 'says that nothing has changed',
    breaks: 'conditional',
    ask: ({ headers, path }) =>
      headers['if-none-match'] !== undefined && path.includes('atLeast')
        ? { status: 304, headers: { etag: headers['if-none-match'] }, body: '' }
        : undefined,
  },
  {
    what: 'calls every mistake an error of its own',
    breaks: 'errors',
    reply: (_asked, replied) => {
      if (replied.status === 400) replied.status = 500;
    },
  },
  {
    what: 'says no more than "bad request"',
    breaks: 'errors',
    reply: (_asked, replied) => {
      if (replied.status === 400) replied.body = '{"type":"/problems/invalid-request"}';
    },
  },
  {
    what: 'keeps a write waiting',
    breaks: 'timely',
    ask: some(isWrite, () => new Promise((resolve) => setTimeout(resolve, 4500, undefined))),
  },
  {
    what: 'says that it is dead',
    breaks: 'health',
    ask: ({ path }) => (path === '/health/live' ? json(503, {}) : undefined),
  },
];

function isWrite({ method, path }: Asked): boolean {
  return method === 'PATCH' && /-w\d+\/tiles$/.test(path);
}

/** Serves the manifest as it was when it was asked first. */
function reader(parameter: string): NonNullable<Lie['ask']> {
  let first: string | undefined;
  return (asked) => {
    const url = new URL(asked.path, 'http://proxy');
    const cursor = url.searchParams.get(parameter);
    if (cursor === null) return undefined;
    first ??= cursor;
    asked.path = asked.path.replace(`${parameter}=${cursor}`, `at=${first}`);
    return undefined;
  };
}

function ttl(asked: Asked): undefined {
  if (asked.method === 'PUT' && asked.path.includes('-dead'))
    asked.body = asked.body.replace('"ttl":2', '"ttl":60');
}
