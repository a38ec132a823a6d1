import t from 'tap';
import { checkAll, PROMISES } from '../../src/commands/verify/checks/promises.ts';
import { Observations, type ReaderObservation } from '../../src/commands/verify/observations.ts';
import { reportText, totalsOf } from '../../src/commands/verify/report.ts';

const A = 'http://a';
const B = 'http://b';

const READER: ReaderObservation = {
  name: 'whole',
  url: A,
  violations: [],
  torn: [],
  seen: [{ writer: 'w', n: 1, from: 5, to: 8 }],
  reconnects: [{ to: B, id: '5-00000005', ms: 10 }],
  moves: [{ to: B, view: '0,0,1,1', status: 202, ms: 5 }],
  comparedAreas: 3,
  wrongAreas: [],
  resets: 0,
  degraded: false,
  connections: 2,
  cuts: 0,
  byes: 0,
};
const WRITE = { writer: 'w', n: 1, url: A, attempts: 1, cursor: '5-00000005', changed: 5 };
const REPLY = { url: A, what: 'a write', status: 200, code: undefined, sentAt: 0, ms: 20 };
const READ = {
  writer: 'w',
  n: 1,
  writtenAt: A,
  readAt: B,
  atLeast: '5-00000005',
  code: undefined,
};
const EXPIRY = { id: 'd', ttl: 2, sentAt: 0, answeredAt: 50, until: 5000 };
const TAGGED = { url: A, what: '/manifest', sent: '"1"', changed: false, immutable: false };
const INVALID = {
  url: A,
  what: 'half a cell',
  expected: { status: 400, code: 'invalid-request', field: '/1.5,2' },
  effect: '',
};
const KEPT_OUT = {
  what: 'a tile of another compositor',
  url: A,
  expected: { status: 409, code: 'region-taken' },
  status: 409,
  code: 'region-taken',
  effect: '',
};
const COMMAND = {
  url: A,
  linkAt: B,
  status: 200,
  code: undefined,
  isAnswered: true,
  isLater: true,
  open: 100,
  ms: 3,
};
const LOST = { ...COMMAND, status: 409, code: 'not-connected', isAnswered: false };
const samples = (ready: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ url: A, at: from + i * 500, live: 200, ready }));

/** A run in which nothing went wrong but `over`. */
function sound(over: Partial<Observations> = {}): Observations {
  return Object.assign(new Observations([A, B]), {
    readers: [READER],
    writes: [WRITE],
    repeats: [{ writer: 'w', n: 1, url: B, status: 200, changed: 0 }],
    readsAtLeast: [{ ...READ, status: 200, cursor: '5-00000005', shown: 1 }],
    pastReads: [{ url: A, cursor: '5-00000005', status: 200, differences: [] }],
    finalReads: [{ url: A, reader: 'whole', cursor: '5-00000005', differences: [], why: '' }],
    compressed: [{ url: A, cursor: '5-00000005', ms: 2 }],
    commits: [{ cursor: '5-00000005', by: 'w', tiles: 5 }],
    expiries: [{ ...EXPIRY, endedAt: 2100 }],
    renewals: [{ id: 'r', ttl: 2, renewed: 5, longest: 500, ends: 0 }],
    fencing: [{ what: 'a write', url: A, status: 409, code: 'lease-lost', effect: '' }],
    regions: [KEPT_OUT],
    openings: [{ id: 'l', url: A, status: 101, code: undefined }],
    commands: [COMMAND],
    replacements: [{ id: 'l', from: A, to: B, code: 4001 }],
    conditionals: [{ ...TAGGED, status: 304, etag: 'W/"1"' }],
    errors: [{ ...INVALID, status: 400, code: 'invalid-request', fields: ['/1.5,2'] }],
    health: samples(200, 3),
    replies: [REPLY],
    ...over,
  });
}

const results = (observations: Observations) =>
  Object.fromEntries(checkAll(observations).map(({ name, result }) => [name, result] as const));
const broken = (observations: Observations) =>
  checkAll(observations)
    .filter(({ result }) => result === 'broken')
    .map(({ name }) => name);

t.test('nothing wrong, and nothing seen', async (t) => {
  t.ok(Object.values(results(sound())).every((result) => result === 'kept'));
  t.ok(Object.values(results(new Observations([A]))).every((result) => result === 'not checked'));
});

const reader = (over: Partial<ReaderObservation>): Partial<Observations> => ({
  readers: [{ ...READER, ...over }],
});

const BREAKS: readonly (readonly [what: string, over: Partial<Observations>, promise: string])[] = [
  ['back in time', reader({ violations: ['patch 4-0 after 5-0: back in time (event 3)'] }), 'order'],
  ['another history', reader({ violations: ['patch 5-1 after 5-0: another history (event 3)'] }), 'order'],
  ['twice', reader({ violations: ['patch 5-0 twice (event 3)'] }), 'once'],
  ['a wrong digest', reader({ violations: ['the digest is "1-0", my copy\'s 2-0 (event 3)'] }), 'digest'],
  [
    'a forgotten id',
    reader({ violations: ['a snapshot for initial to a reader that sent an id'] }),
    'resume',
  ],
  ['anything else', reader({ violations: ['a bye without retry (event 3)'] }), 'protocol'],
  ['half a commit', reader({ torn: ['at revision 5 it held ...'] }), 'atomic'],
  ['a cursor before its data', reader({ seen: [{ writer: 'w', n: 0, from: 1, to: 5 }] }), 'cursor'],
  ['data before its cursor', reader({ seen: [{ writer: 'w', n: 1, from: 4, to: 8 }] }), 'cursor'],
  [
    'a stream that does not come back',
    reader({ reconnects: [{ to: B, id: '5-0', ms: undefined }] }),
    'resume',
  ],
  [
    'a stream that does not move',
    reader({ moves: [{ to: B, view: '0,0,1,1', status: 404, ms: undefined }] }),
    'moves',
  ],
  ['a wrong overview', reader({ wrongAreas: ['at 5-0 areas 0,0: has ...'] }), 'overview'],
  [
    'a change that the compressed stream withholds',
    { compressed: [{ url: A, cursor: '5-0', ms: undefined }] },
    'compressed',
  ],
  [
    'a compressed stream that nobody can read',
    reader({ violations: ['the compressed stream cannot be read'] }),
    'compressed',
  ],
  [
    'a coding that nobody wanted',
    reader({ violations: ['the stream comes in br, which was not asked for'] }),
    'compressed',
  ],
  ['a reset for no reason', reader({ resets: 1 }), 'resume'],
  ['a write that is not in the log', { commits: [] }, 'durable'],
  [
    'a write that was refused',
    { writes: [WRITE, { ...WRITE, cursor: undefined, rejected: '404' }] },
    'durable',
  ],
  [
    'a repetition that changes',
    { repeats: [{ writer: 'w', n: 1, url: B, status: 200, changed: 5 }] },
    'repeated',
  ],
  [
    'two commits of one write',
    { commits: [5, 6].map((n) => ({ cursor: `${n}-0000000${n}`, by: 'w', tiles: 5 })) },
    'repeated',
  ],
  [
    'another map',
    { finalReads: [{ url: A, reader: 'whole', cursor: '5-0', differences: ['tiles 0,0: ...'], why: '' }] },
    'agreement',
  ],
  ['a slow write', { replies: [{ ...REPLY, ms: 3100 }] }, 'timely'],
  ['a slow refusal', { replies: [{ ...REPLY, status: 503, code: 'store-unavailable', ms: 3100 }] }, 'timely'],
  ['an older read', { readsAtLeast: [{ ...READ, status: 200, cursor: '4-00000004', shown: 0 }] }, 'atLeast'],
  [
    'an older read that lies',
    { readsAtLeast: [{ ...READ, status: 200, cursor: '5-00000005', shown: 0 }] },
    'atLeast',
  ],
  [
    'a torn read',
    { readsAtLeast: [{ ...READ, status: 200, cursor: '5-00000005', shown: undefined }] },
    'atLeast',
  ],
  [
    'an unknown commit',
    { readsAtLeast: [{ ...READ, status: 410, cursor: '', shown: undefined }] },
    'atLeast',
  ],
  [
    'another past',
    { pastReads: [{ url: A, cursor: '5-0', status: 200, differences: ['tiles 0,0: ...'] }] },
    'timeTravel',
  ],
  ['no past', { pastReads: [{ url: A, cursor: '5-0', status: 500, differences: [] }] }, 'timeTravel'],
  ['a lease that ends early', { expiries: [{ ...EXPIRY, endedAt: 1700 }] }, 'leases'],
  ['a lease that ends late', { expiries: [{ ...EXPIRY, endedAt: 2900 }] }, 'leases'],
  ['a lease that never ends', { expiries: [{ ...EXPIRY, endedAt: undefined }] }, 'leases'],
  [
    'a live one that is stale',
    { renewals: [{ id: 'r', ttl: 2, renewed: 5, longest: 500, ends: 1 }] },
    'leases',
  ],
  [
    'a zombie that writes',
    { fencing: [{ what: 'a write', url: A, status: 200, code: undefined, effect: '' }] },
    'fencing',
  ],
  [
    'a refusal that does it',
    { fencing: [{ what: 'a write', url: A, status: 409, code: 'lease-lost', effect: 'x' }] },
    'fencing',
  ],
  ['a tile in a region of another', { regions: [{ ...KEPT_OUT, status: 200, code: undefined }] }, 'regions'],
  ['a region that is on no map', { regions: [{ ...KEPT_OUT, effect: 'it has no such region' }] }, 'regions'],
  ['a link that does not open', { openings: [{ id: 'l', url: A, status: 404, code: 'not-found' }] }, 'links'],
  ['a command that is lost', { commands: [COMMAND, LOST] }, 'links'],
  ['a link that never brings one', { commands: [{ ...LOST, isLater: false, open: 13_000 }] }, 'links'],
  ["another compositor's answer", { commands: [COMMAND, { ...COMMAND, isAnswered: false }] }, 'links'],
  ['two links at once', { replacements: [{ id: 'l', from: A, to: B, code: undefined }] }, 'links'],
  ['200 with the same tag', { conditionals: [{ ...TAGGED, status: 200, etag: '"1"' }] }, 'conditional'],
  ['304 with another tag', { conditionals: [{ ...TAGGED, status: 304, etag: '"2"' }] }, 'conditional'],
  [
    '304 for what changed',
    { conditionals: [{ ...TAGGED, changed: true, status: 304, etag: '"1"' }] },
    'conditional',
  ],
  [
    '200 for the past',
    { conditionals: [{ ...TAGGED, immutable: true, status: 200, etag: '"2"' }] },
    'conditional',
  ],
  ['no tag', { conditionals: [{ ...TAGGED, status: 200, etag: null }] }, 'conditional'],
  [
    'bad input that is taken',
    { errors: [{ ...INVALID, status: 200, code: undefined, fields: [] }] },
    'errors',
  ],
  [
    'a field that is not named',
    { errors: [{ ...INVALID, status: 400, code: 'invalid-request', fields: [] }] },
    'errors',
  ],
  [
    'a refusal that wrote',
    {
      errors: [{ ...INVALID, status: 400, code: 'invalid-request', fields: ['/1.5,2'], effect: 'it wrote' }],
    },
    'errors',
  ],
  ['a daemon that says it is dead', { health: [{ url: A, at: 0, live: 503, ready: 200 }] }, 'health'],
  [
    'ready, though the store is long away',
    {
      health: samples(200, 20),
      replies: Array.from({ length: 20 }, (_, i) => ({
        ...REPLY,
        status: 503,
        code: 'store-unavailable',
        sentAt: i * 500,
      })),
    },
    'health',
  ],
  ['never ready again', { health: samples(503, 20), replies: [{ ...REPLY, sentAt: 4000 }] }, 'health'],
];

t.test('every check finds its violations, and no others', async (t) => {
  for (const [what, over, promise] of BREAKS) t.same(broken(sound(over)), [promise], what);
  const checked = new Set(BREAKS.map(([, , promise]) => promise));
  t.same(
    PROMISES.map(([name]) => name).filter((name) => !checked.has(name)),
    [],
  );
});

t.test('an outage breaks nothing', async (t) => {
  const unavailable = { ...REPLY, status: 503, code: 'store-unavailable' };
  const cases: readonly (readonly [string, Partial<Observations>])[] = [
    [
      'a late lease while the store was away',
      { expiries: [{ ...EXPIRY, endedAt: undefined }], replies: [unavailable] },
    ],
    ['a reset while the store was away', { ...reader({ resets: 1 }), replies: [unavailable] }],
    ['a renewal that came late', { renewals: [{ id: 'r', ttl: 2, renewed: 5, longest: 1900, ends: 1 }] }],
    ['a slow answer while verify stood still', { replies: [{ ...REPLY, ms: 3100 }], stallMs: 200 }],
    ['not yet', { readsAtLeast: [{ ...READ, status: 503, code: 'not-yet', cursor: '', shown: undefined }] }],
    ['a past that is gone', { pastReads: [{ url: A, cursor: '5-0', status: 410, differences: [] }] }],
    ['a proxy without a daemon', { health: [{ url: A, at: 0, live: 502, ready: 502 }] }],
    [
      'a write repeated until it was known',
      { writes: [{ ...WRITE, attempts: 3, changed: 0, cursor: '9-00000009' }] },
    ],
    ['ready for a moment longer', { health: samples(200, 8), replies: [{ ...unavailable, sentAt: 0 }] }],
    [
      'a command before the new link holds the claim',
      { commands: [COMMAND, { ...LOST, isLater: false, open: 9000 }] },
    ],
    [
      'a token that may not command',
      { commands: [{ ...LOST, status: 403, code: 'forbidden', isLater: false }] },
    ],
    [
      'a proxy that passes no WebSocket on',
      { openings: [{ id: 'l', url: A, status: 426, code: undefined }] },
    ],
    [
      'a link that a dying replica took along',
      { replacements: [{ id: 'l', from: A, to: B, code: 1006 }], replies: [unavailable] },
    ],
    ['nobody told the history', { commits: undefined }],
  ];
  for (const [what, over] of cases) t.same(broken(sound(over)), [], what);
});

t.test('the report counts, cuts short, and is safe to print', async (t) => {
  const torn = Array.from({ length: 9 }, (_, i) => `\x1b[2J ${i}`);
  const observations = sound(reader({ torn, byes: 1 }));
  const text = reportText(
    {
      urls: [A],
      seconds: 3,
      promises: checkAll(observations),
      totals: totalsOf(observations),
      left: ['verify-x-w1'],
    },
    (_colour, text) => text,
  );
  t.match(text, /^BROKEN +atomic +a commit is seen whole/m);
  t.match(text, /whole at http:\/\/a: \\x1b\[2J 0\n/);
  t.match(text, /and 4 more\n/);
  t.match(text, /^left behind: verify-x-w1/m);
  t.match(text, /^1 write: 0 unanswered.*; 2 streams: 0 cut, 1 bye, 0 resets$/m);
  t.match(text, /^23 promises: 22 kept, 1 broken, 0 not checked$/m);
});
