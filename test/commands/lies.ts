import type { Asked, Lie, Replied } from './lying-proxy.ts';

/** A lie, and the promise under whose name it must be reported. */
export interface ToldLie extends Lie {
  readonly what: string;
  readonly breaks: string;
}

/** One in so many frames or requests, so that a run sees both the truth and the lie. */
const SOME = 7;

/** The lies of a stream, told to each of its readers. */
export const STREAM_LIES: readonly ToldLie[] = [
  { what: 'drops changes', breaks: 'cursor', frames: onPatch(() => []) },
  {
    what: 'sends the digest of another map',
    breaks: 'digest',
    frames: () => (frame) => [frame.replace(/"digest":"\d+-/, '$&0')],
  },
  { what: 'sends changes twice', breaks: 'once', frames: onPatch((frame) => [frame, frame]) },
  { what: 'swaps changes', breaks: 'order', frames: swapping },
  {
    what: 'tears a commit in two',
    breaks: 'atomic',
    frames: onPatch((frame) => {
      const [id = '', event = '', ...data] = frame.split('\n');
      const patch = parse(data);
      const half = Object.fromEntries(Object.entries(patch.tiles).slice(0, 3));
      const before = id.replace(/(\d+)-/, (_, n: string) => `${Number(n) - 1}-`);
      return [[before, event, `data: ${JSON.stringify({ ...patch, tiles: half })}`].join('\n'), frame];
    }),
  },
  {
    what: 'sends other bricks than were written',
    breaks: 'agreement',
    frames: () => (frame) => [frame.replace(/tagged\.\d+/g, 'other')],
  },
  { what: 'forgets the id of a reader that comes back', breaks: 'resume', ask: without('last-event-id') },
  {
    what: 'sends data without a bookmark',
    breaks: 'protocol',
    frames: onPatch((frame) => [frame, 'event: patch\ndata: x']),
  },
];

/** The lies of requests and replies. */
export const REPLY_LIES: readonly ToldLie[] = [
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

function onPatch(change: (frame: string) => readonly string[]): NonNullable<Lie['frames']> {
  return () => {
    let count = 0;
    return (frame) => (isTilePatch(frame) && ++count % SOME === 0 ? change(frame) : [frame]);
  };
}

function swapping(): (frame: string) => readonly string[] {
  let held: string | undefined;
  let count = 0;
  return (frame) => {
    if (held !== undefined) {
      const sent = [frame, held];
      held = undefined;
      return sent;
    }
    if (!isTilePatch(frame) || ++count % SOME !== 0) return [frame];
    held = frame;
    return [];
  };
}

function isTilePatch(frame: string): boolean {
  return frame.startsWith('id: ') && frame.includes('event: patch') && frame.includes('.png');
}

function parse(data: readonly string[]): { tiles: Record<string, unknown> } {
  return JSON.parse(data.map((line) => line.replace(/^data: ?/, '')).join('\n')) as {
    tiles: Record<string, unknown>;
  };
}

function isWrite({ method, path }: Asked): boolean {
  return method === 'PATCH' && /-w\d+\/tiles$/.test(path);
}

function some(
  fits: (asked: Asked) => boolean,
  lie: () => Replied | Promise<undefined>,
): NonNullable<Lie['ask']> {
  let count = 0;
  return (asked) => (fits(asked) && ++count % SOME === 0 ? lie() : undefined);
}

function without(header: string): NonNullable<Lie['ask']> {
  return (asked) => {
    asked.headers[header] = undefined;
    return undefined;
  };
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

function json(status: number, body: unknown): Replied {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
